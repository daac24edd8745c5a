"""Files of messages, from a spreadsheet or another system, read row by row and sent to Kafka."""
