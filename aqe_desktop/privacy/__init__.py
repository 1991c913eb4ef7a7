"""What is in this text: rules as data, and the scanner that reads by them. Pure: texts and bytes are handed in."""
