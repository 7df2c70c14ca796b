//go:build unix

package cli

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// become replaces this process by the command (execve(2)). Like execvp(3) it runs a script without an interpreter line
// with sh.
func (app *App) become(path string, args, environ []string) error {
	app.ignoreAgain()
	err := syscall.Exec(path, args, environ)
	if errors.Is(err, syscall.ENOEXEC) {
		err = syscall.Exec("/bin/sh", append([]string{"sh", path}, args[1:]...), environ)
	}
	return runError(args[0], err)
}

// ignoreAgain makes the command ignore SIGINT if daypass was started with SIGINT ignored. A signal that daypass handles
// has its default action in the command.
func (app *App) ignoreAgain() {
	if app.ignoresInterrupt {
		signal.Ignore(os.Interrupt)
	}
}

// exitStatus is how a command ended.
type exitStatus syscall.WaitStatus

// pass ends daypass with the command's exit code, or by the signal that ended the command, so that a shell sees what it
// would have seen without daypass. The Go runtime handles some signals itself, so daypass becomes an sh that sends itself
// the signal. If sh survives that (bash ignores SIGQUIT), it exits with 128 plus the signal's number.
func (s exitStatus) pass() error {
	status := syscall.WaitStatus(s)
	if !status.Signaled() {
		if status.ExitStatus() == 0 {
			return nil
		}
		return &exitError{code: status.ExitStatus()}
	}
	n := int(status.Signal())
	_ = syscall.Exec("/bin/sh", []string{"sh", "-c", fmt.Sprintf("ulimit -c 0; kill -%d $$; exit %d", n, 128+n)}, nil)
	return &exitError{code: 128 + n}
}

// supervise runs the command as a child in daypass's process group, so that it gets the terminal's signals as it would
// without daypass. If it is a shell, it can take the terminal for itself.
func (app *App) supervise(path string, args, environ []string) (exitStatus, error) {
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, unix.SIGINT, unix.SIGQUIT, unix.SIGTERM, unix.SIGUSR1, unix.SIGUSR2, unix.SIGALRM,
		unix.SIGCONT, unix.SIGTSTP, unix.SIGTTIN, unix.SIGWINCH)
	if !signal.Ignored(unix.SIGHUP) {
		signal.Notify(signals, unix.SIGHUP)
	}
	defer signal.Stop(signals)
	app.ignoreAgain()
	attr := &syscall.ProcAttr{Env: environ, Files: []uintptr{0, 1, 2}}
	pid, err := syscall.ForkExec(path, args, attr)
	if errors.Is(err, syscall.ENOEXEC) {
		pid, err = syscall.ForkExec("/bin/sh", append([]string{"sh", path}, args[1:]...), attr)
	}
	if err != nil {
		return 0, runError(args[0], err)
	}
	changes := make(chan change)
	go watch(pid, changes)
	for {
		select {
		case s := <-signals:
			app.forward(s.(syscall.Signal), pid)
		case c := <-changes:
			if c.err != nil {
				return 0, fmt.Errorf("waiting for %q: %w", args[0], c.err)
			}
			if !c.status.Stopped() {
				return exitStatus(c.status), nil
			}
			app.stopWith(c.status.StopSignal(), pid)
		}
	}
}

// change is a change of the command's state: it stopped or ended.
type change struct {
	status syscall.WaitStatus
	err    error
}

// watch sends each stop of the command, and its end.
func watch(pid int, changes chan<- change) {
	for {
		var c change
		_, c.err = syscall.Wait4(pid, &c.status, syscall.WUNTRACED, nil)
		if errors.Is(c.err, syscall.EINTR) {
			continue
		}
		changes <- c
		if c.err != nil || !c.status.Stopped() {
			return
		}
	}
}

// forward sends a signal on to the command if daypass alone got it. The terminal signals its whole foreground process
// group. The command may be in a group of its own when a shell continues daypass.
func (app *App) forward(s syscall.Signal, pid int) {
	switch s {
	case unix.SIGTSTP, unix.SIGTTIN: // daypass stops when the command does
		return
	case unix.SIGINT, unix.SIGQUIT, unix.SIGWINCH: // some servers stop at SIGWINCH (httpd in containers)
		if app.inForeground() {
			return
		}
	case unix.SIGCONT:
		if group, err := unix.Getpgid(pid); err == nil && group != unix.Getpgrp() && app.inForeground() { // a shell, which had the terminal
			_ = unix.IoctlSetPointerInt(int(app.Terminal().Fd()), unix.TIOCSPGRP, group)
		}
	}
	_ = syscall.Kill(pid, s)
}

// stopWith stops daypass when the command has stopped, so that the calling shell notices. It does not stop daypass if
// somebody sent SIGSTOP to a command in the background, which needs its endpoint as soon as they continue it. (A shell
// that suspends itself with SIGSTOP has the terminal.)
func (app *App) stopWith(s syscall.Signal, pid int) {
	if s == unix.SIGSTOP {
		foreground, err := app.foregroundGroup()
		group, gone := unix.Getpgid(pid)
		if err != nil || gone != nil || foreground != group && foreground != unix.Getpgrp() {
			return
		}
	}
	_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
}

// inForeground reports whether daypass's process group is the terminal's foreground group.
func (app *App) inForeground() bool {
	group, err := app.foregroundGroup()
	return err == nil && group == unix.Getpgrp()
}

// foregroundGroup returns the terminal's foreground process group.
func (app *App) foregroundGroup() (int, error) {
	tty := app.Terminal()
	if tty == nil {
		return 0, os.ErrNotExist
	}
	return unix.IoctlGetInt(int(tty.Fd()), unix.TIOCGPGRP)
}

// besideCommand returns warn, but drops warnings while daypass is not in the foreground of the terminal it writes to:
// they would spoil the command's screen, and a background process that writes to its terminal may be stopped (stty
// tostop).
func (app *App) besideCommand(warn func(error)) func(error) {
	return func(err error) {
		if !isTerminal(app.Err) || app.inForeground() {
			warn(err)
		}
	}
}
