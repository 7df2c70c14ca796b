package cli

import "os"

// controllingTerminal opens this process's console; it returns nil if there is none.
func controllingTerminal() *os.File {
	tty, err := os.OpenFile("CONOUT$", os.O_WRONLY, 0)
	if err != nil {
		return nil
	}
	return tty
}
