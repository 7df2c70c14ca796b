package cached

import (
	"os"
	"os/exec"
	"os/signal"
)

// become runs the program with these streams and for its exit code: no system call replaces a process here.
// It returns only when it fails.
func become(program string, argv []string) error {
	signal.Notify(make(chan os.Signal, 1), os.Interrupt) // Ctrl-C reaches both; what comes of it is the program's
	cmd := exec.Command(program, argv[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := cmd.Run()
	if cmd.ProcessState != nil { // it ran
		os.Exit(cmd.ProcessState.ExitCode())
	}
	return err
}
