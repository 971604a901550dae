"""The data set, the golden cases, and the exact bytes that every service must answer."""
