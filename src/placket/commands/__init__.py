"""The functions behind the command line, each in a module that loads only what its commands need."""
