"""The commands of `huiyin`, one file per subject; `deploy.cli` puts them together."""
