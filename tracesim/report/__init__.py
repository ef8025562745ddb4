"""The report: records of many runs as one folder of pages that can be sent by mail."""
