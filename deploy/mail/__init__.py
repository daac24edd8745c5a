"""E-mail: the mailbox that letters come to, and the server that takes answers."""
