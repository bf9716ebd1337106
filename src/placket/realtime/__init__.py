"""The event tail and the sockets: every terminal hears every change it may see."""
