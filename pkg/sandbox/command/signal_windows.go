package command

import "os"

// reachesGroup: a console sends Ctrl-C to every process in it, and one process cannot send it to another.
func reachesGroup(os.Signal) bool { return true }

func signalOf(*os.ProcessState) int { return 0 }

// inForeground: a console has no job control.
func inForeground(*os.File) bool { return true }
