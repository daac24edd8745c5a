"""What `huiyin doctor` looks at: a file for each subject, each check one finding with its remedy."""
