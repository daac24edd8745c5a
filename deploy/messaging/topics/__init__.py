"""Topics on the brokers: their names and settings, how long they keep records, who may use them, whether they answer."""
