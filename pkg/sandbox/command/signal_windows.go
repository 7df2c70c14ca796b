package command

import "os"

// reachesGroup returns true: a console sends Ctrl-C to all of its processes, and one process cannot send it to
// another.
func reachesGroup(os.Signal) bool { return true }

func signalOf(*os.ProcessState) int { return 0 }

// inForeground returns true: a console has no job control.
func inForeground(*os.File) bool { return true }
