"""The durable record: what was heard, decided and done. Each method is one transaction."""
