"""The dialects of the wire: pure translations between core's values and what a server sends and takes."""
