// Package cached is the command daypass-credentials: «daypass credentials», made short for SDKs that run it again and
// again. It prints a fresh cached credential itself and runs daypass for anything else, so that every other answer,
// every error and every exit code is daypass's own. It contains neither cobra nor net/http.
package cached

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/internal/agent"
	"github.com/daypass/daypass/pkg/internal/storekey"
	"github.com/daypass/daypass/pkg/profile"
)

// Main prints the credential, or becomes daypass. It returns the exit code.
func Main(args []string) int {
	if c := cachedCredential(args); c.Fresh(time.Now()) && c.WriteProcess(os.Stdout) == nil {
		return 0
	}
	program, err := daypass()
	if err == nil {
		err = become(program, append([]string{program, "credentials"}, args...))
	}
	fmt.Fprintln(os.Stderr, "daypass-credentials: running daypass:", err)
	return 1
}

// cachedCredential returns none if daypass itself has to look, if only to say what is wrong.
func cachedCredential(args []string) (none credential.Credential) {
	flags, ok := profileFlags(args)
	if !ok || os.Getenv("DAYPASS_EXPORTED") != "" { // daypass knows which variables are then the person's own
		return none
	}
	p, err := profile.Load(profile.Source{Getenv: os.Getenv, Flags: flags})
	if err != nil || !p.Agent || profile.CheckHome(os.Getenv("HOME")) != nil {
		return none
	}
	memory := agent.Client{} // without a Command: it starts no agent
	if memory.Dir, err = agent.Dir(os.Getenv("DAYPASS_RUNTIME_DIR")); err != nil {
		return none
	}
	if record, err := memory.Get(context.Background(), storekey.NamesOf(p).Credential); err == nil {
		return credential.FromRecord(record)
	}
	return none
}

// profileFlags reads flags that are keys of a profile. It is not ok where there are others, or where one is
// given twice or lacks its value.
func profileFlags(args []string) (values map[string][]string, ok bool) {
	keys, values := profile.Keys(), map[string][]string{}
	for len(args) > 0 {
		name, value, joined := strings.Cut(args[0], "=")
		if args = args[1:]; name == "-p" && !joined {
			name = "--profile"
		}
		i := slices.IndexFunc(keys, func(k profile.Key) bool { return k.Flag != "" && name == "--"+k.Flag })
		switch {
		case i < 0, len(values[keys[i].Path]) > 0 && keys[i].Kind != profile.KindList:
			return nil, false
		case joined:
		case keys[i].Kind == profile.KindBool:
			value = "true"
		case len(args) == 0:
			return nil, false
		default:
			value, args = args[0], args[1:]
		}
		values[keys[i].Path] = append(values[keys[i].Path], value)
	}
	return values, true
}

// daypass is the one that lies beside this program, else the one on PATH.
func daypass() (string, error) {
	self, err := os.Executable()
	if err == nil {
		self, err = filepath.EvalSymlinks(self)
	}
	if beside, missing := exec.LookPath(filepath.Join(filepath.Dir(self), "daypass")); err == nil && missing == nil {
		return beside, nil
	}
	return exec.LookPath("daypass")
}
