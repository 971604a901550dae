"""The data set, the golden cases, and the bytes that every service must answer."""
