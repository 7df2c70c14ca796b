//go:build unix

package command

import (
	"os/exec"
	"syscall"
)

// runGroup runs the command in a process group of its own, and ends what is left of that.
func runGroup(cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	err := cmd.Run()
	if cmd.Process != nil {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) // usually nothing is left
	}
	return err
}
