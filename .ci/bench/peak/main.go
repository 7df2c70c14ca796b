//go:build unix

// Command peak measures the peak memory of a command. It runs the command ten times, discards its output, and prints
// the largest peak in KiB.
//
// Linux includes the memory of the process between fork and exec, which is this program's: about as much as a hello
// world in Go. Smaller peaks cannot be measured; larger ones are the command's own.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
)

const runs = 10

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: peak COMMAND…")
		os.Exit(2)
	}
	var most int64
	for range runs {
		cmd := exec.Command(os.Args[1], os.Args[2:]...)
		cmd.Stderr = os.Stderr
		if err := cmd.Run(); err != nil {
			fmt.Fprintln(os.Stderr, "peak:", err)
			os.Exit(1)
		}
		if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
			most = max(most, usage.Maxrss)
		}
	}
	if runtime.GOOS == "darwin" { // macOS reports bytes
		most /= 1 << 10
	}
	fmt.Println(most)
}
