"""The site around the slices' pages: the shell, the two languages, signing in and out.

It owns no table: accounts, sessions and tokens are `deploy.accounts`', and the pages themselves the slices'.
"""
