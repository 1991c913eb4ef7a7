"""The servers, engines and models that tests and benchmarks use for real: pinned, and kept outside the checkout."""
