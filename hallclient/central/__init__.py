"""The receiving system: takes evidence packages from enrolled devices, inspects them and signs receipts.

SQLite and a folder, for one machine. It shares nothing with the client but `hallclient.domain` and the contract.
"""
