"""The site around the slices' pages: the shell, the two languages, staff sign-in, accounts and tokens.

Tables owned: `deploy.account`, `deploy.session`, `deploy.token`. The pages themselves belong to the slices.
"""
