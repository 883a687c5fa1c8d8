"""The pages on which somebody says who they are: login, first day, password, and the lock of an idle counter."""
