"""Stock: the balance, the ledger, promises and the verbs that ask or record."""
