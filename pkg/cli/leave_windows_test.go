package cli

// leaveTerminal does nothing on Windows.
func leaveTerminal() {}
