"""Serves one model with llama-cpp-python, run by the Python that has this package: only the standard library and that
package are to be had there, so these files import nothing else of the app.

They speak the part of llama.cpp's own dialect that the app asks for. The package's server does not serve here: it needs
six more packages, cannot be stopped while it reads a prompt, and tells neither the prompt nor the tokens of an answer.
One conversation at a time; the others wait for it."""
