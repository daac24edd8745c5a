"""Files that come with messages: which are taken, and how they are cleaned before anybody opens one."""
