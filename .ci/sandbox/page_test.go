//go:build integration

package sandbox

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// driverName is the name under which this test binary is the browser: daypass runs it as `driver URL`. The directory
// also has the script that drives Chromium and its modules. The driver writes pictures there, and the result to
// driver.json.
const (
	driverName = "driver"
	scriptName = "script.mjs"
)

// driven is the result.
type driven struct {
	Code   int
	Output string
}

// drive is the main function of the driver. It returns the exit code.
func drive(args []string) int {
	folder := filepath.Dir(args[0])
	cmd := exec.Command("node", filepath.Join(folder, scriptName), args[len(args)-1], folder)
	cmd.Dir = folder
	r := run(cmd)
	text, err := json.Marshal(driven{r.code, r.stdout + r.stderr})
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, "writing"), text, 0o600)
	}
	if err == nil {
		err = os.Rename(filepath.Join(folder, "writing"), filepath.Join(folder, "driver.json"))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return r.code
}

// A person without a mouse signs in on the sandbox's page and arrives at daypass's own. The pictures are for people:
// DAYPASS_CI_PICTURES=FOLDER stores them.
func TestSignInByKeyboard(t *testing.T) {
	overBoth(t, func(c *cloud) {
		r := c.loginWith("sign-in.mjs")
		if want := "Signed in as alice@example.com"; !strings.Contains(r.stderr, want) {
			c.t.Errorf("daypass does not say %q:\n%s", want, r.stderr)
		}
	})
}

// A link on another page begins no sign-in, on the same site or another. It leads to a page where the person continues.
func TestSignInFromAnotherPage(t *testing.T) {
	overBoth(t, func(c *cloud) { c.loginWith("other-page.mjs") })
}

// loginWith runs `daypass login` with a browser that the script drives.
func (c *cloud) loginWith(name string) result {
	c.t.Helper()
	folder := c.pictureFolder()
	script, err := os.ReadFile("../page/" + name)
	c.must(err)
	c.must(os.WriteFile(filepath.Join(folder, scriptName), script, 0o600))
	c.must(os.Symlink(filepath.Join(parts.cache, "page/node_modules"), filepath.Join(folder, "node_modules")))
	c.must(os.Symlink(parts.self, filepath.Join(folder, driverName)))
	r := c.in([]string{"DAYPASS_BROWSER=" + filepath.Join(folder, driverName)}, c.program(), "daypass", "login", "--timeout", "1m")
	d := c.awaitDriver(folder)
	if d.Code != 0 || !r.ok() {
		c.t.Fatalf("daypass login: %s\nthe browser: exit %d\n%s", r, d.Code, d.Output)
	}
	pictures, err := filepath.Glob(filepath.Join(folder, "*.png"))
	c.must(err)
	c.t.Logf("%d pictures in %s", len(pictures), folder)
	return r
}

// awaitDriver waits for the browser to end, which may be after daypass.
func (c *cloud) awaitDriver(folder string) (d driven) {
	c.t.Helper()
	var text []byte
	ended := func() bool {
		var err error
		text, err = os.ReadFile(filepath.Join(folder, "driver.json"))
		return err == nil
	}
	if !eventually(startDeadline, ended) {
		c.t.Fatal("the browser did not exit")
	}
	c.must(json.Unmarshal(text, &d))
	return d
}

func (c *cloud) pictureFolder() string {
	c.t.Helper()
	folder := c.path("pictures")
	if kept := os.Getenv("DAYPASS_CI_PICTURES"); kept != "" {
		folder = filepath.Join(kept, c.t.Name())
		c.must(os.RemoveAll(folder))
	}
	c.must(os.MkdirAll(folder, 0o700))
	return folder
}
