//go:build unix

package command

import (
	"os/exec"
	"syscall"
)

// runGroup runs the command in its own process group, and ends the rest of the group afterwards.
func runGroup(cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	err := cmd.Run()
	if cmd.Process != nil {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) // usually there is no process left
	}
	return err
}
