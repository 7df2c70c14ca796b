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

// become is exec(2). A script without a first line that names its interpreter is sh's, as execvp(3) has it.
func (app *App) become(path string, args, environ []string) error {
	app.ignoreAgain()
	err := syscall.Exec(path, args, environ)
	if errors.Is(err, syscall.ENOEXEC) {
		err = syscall.Exec("/bin/sh", append([]string{"sh", path}, args[1:]...), environ)
	}
	return runError(args[0], err)
}

// ignoreAgain has the command ignore what daypass was started to ignore: a handler of ours would be the
// default there.
func (app *App) ignoreAgain() {
	if app.ignoresInterrupt {
		signal.Ignore(os.Interrupt)
	}
}

// exitStatus is how a command ended.
type exitStatus syscall.WaitStatus

// pass ends daypass in the same way: by the same signal if it was one, so that a shell sees what it would
// have seen without us. The Go runtime has its own mind about signals, so that it is sh that dies of it. What
// sh survives (bash does not quit) ends with the code that shells give.
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

// supervise runs the command beside us, in our own process group: the terminal's signals reach it as they
// would without us, and a shell that it may be takes the terminal for itself.
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

// change is what became of the command.
type change struct {
	status syscall.WaitStatus
	err    error
}

// watch tells of each stop of the command, and of its end.
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

// forward hands a signal on that was sent to us alone. The terminal sends to all of its foreground group, and
// the command may be in a group of its own when a shell has us go on.
func (app *App) forward(s syscall.Signal, pid int) {
	switch s {
	case unix.SIGTSTP, unix.SIGTTIN: // whether it stops is for the command to decide
		return
	case unix.SIGINT, unix.SIGQUIT, unix.SIGWINCH: // servers stop at WINCH, as httpd in containers does
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

// stopWith stops us too, so that the shell that waits for us sees that the command has stopped. What was
// stopped by hand while others had the terminal, somebody means to go on by hand, and it needs its endpoint
// then; a shell that suspends itself has the terminal.
func (app *App) stopWith(s syscall.Signal, pid int) {
	if s == unix.SIGSTOP {
		holder, err := app.terminalHolder()
		group, gone := unix.Getpgid(pid)
		if err != nil || gone != nil || holder != group && holder != unix.Getpgrp() {
			return
		}
	}
	_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
}

// inForeground reports whether the terminal is our process group's.
func (app *App) inForeground() bool {
	holder, err := app.terminalHolder()
	return err == nil && holder == unix.Getpgrp()
}

// terminalHolder is the process group that has the terminal.
func (app *App) terminalHolder() (int, error) {
	tty := app.Terminal()
	if tty == nil {
		return 0, os.ErrNotExist
	}
	return unix.IoctlGetInt(int(tty.Fd()), unix.TIOCGPGRP)
}

// besideCommand tells only where that can neither spoil the command's screen nor stop us: a background
// process that writes to its terminal may be stopped for it (stty tostop).
func (app *App) besideCommand(tell func(error)) func(error) {
	return func(err error) {
		if !isTerminal(app.Err) || app.inForeground() {
			tell(err)
		}
	}
}
