"""The models of every runtime in one list: what they are, where they run, what they take, and how more are got."""
