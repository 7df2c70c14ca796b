package cli

import "os"

// controllingTerminal opens the console that this process belongs to, whatever became of its streams.
func controllingTerminal() *os.File {
	tty, err := os.OpenFile("CONOUT$", os.O_WRONLY, 0)
	if err != nil {
		return nil
	}
	return tty
}
