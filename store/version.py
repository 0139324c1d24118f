"""The version of the code, as every CDR carries it."""

from importlib.metadata import version

CODE_VERSION = version("parloir")
