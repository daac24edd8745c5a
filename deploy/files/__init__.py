"""Where files lie that came with messages: in a folder, or in S3; how they arrive, and who looks for viruses in them."""
