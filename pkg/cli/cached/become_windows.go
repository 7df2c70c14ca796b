package cached

import (
	"os"
	"os/exec"
	"os/signal"
)

// become runs the program with the same streams and exits with its exit code: Windows cannot replace a process. It returns
// only if the program cannot be started.
func become(program string, argv []string) error {
	signal.Notify(make(chan os.Signal, 1), os.Interrupt) // Ctrl-C reaches both processes; the program handles it
	cmd := exec.Command(program, argv[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := cmd.Run()
	if cmd.ProcessState != nil {
		os.Exit(cmd.ProcessState.ExitCode())
	}
	return err
}
