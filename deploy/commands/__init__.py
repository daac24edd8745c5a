"""The commands of `huiyin`, one file per subject; `deploy.commands.main` puts them together."""
