package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/daypass/daypass/pkg/sandbox"
)

// TestMain provides the programs of the scripts. Those run daypass end to end against the sandbox, with a browser in
// which a person signs in.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"daypass": func() {
			leaveTerminal()
			os.Exit(Main(context.Background(), os.Args[1:], System("1.2.3")))
		},
		"browse":  browse,
		"hangup":  hangUp,
		"saveurl": saveURL,
		"fetch":   fetch, "notified": notified,
	})
}

// browse is the person's browser. It prints to both streams and records each visit.
func browse() {
	fmt.Println("browser chatter on stdout")
	fmt.Fprintln(os.Stderr, "browser chatter on stderr")
	visits, err := os.OpenFile(os.Getenv("VISITS"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil && os.Getenv("DAYPASS_CLIENT_SECRET") != "" {
		err = errors.New("the browser was given the client secret")
	}
	if err == nil {
		fmt.Fprintln(visits, os.Args[1])
		err = visits.Close()
	}
	if err == nil {
		_, _, err = sandbox.Browse(context.Background(), nil, os.Args[len(os.Args)-1])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// hangUp is a browser that simulates a closed terminal: it sends SIGHUP to the command that the person typed, but not to
// the background process, which is its parent.
func hangUp() {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", os.Getppid()))
	if err == nil {
		_, rest, _ := strings.Cut(string(status), "PPid:")
		var command int
		if _, err = fmt.Sscan(rest, &command); err == nil {
			err = signalTo(command, syscall.SIGHUP)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func signalTo(pid int, s os.Signal) error {
	process, err := os.FindProcess(pid)
	if err != nil {
		return err
	}
	return process.Signal(s)
}

// saveURL is a browser of a person who signs in later: it saves the URL and the ID of the process that waits for it.
func saveURL() {
	err := os.WriteFile(os.Getenv("SAVED_URL")+".new", fmt.Appendf(nil, "%d %s", os.Getppid(), os.Args[len(os.Args)-1]), 0o600)
	if err == nil {
		err = os.Rename(os.Getenv("SAVED_URL")+".new", os.Getenv("SAVED_URL"))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

const configFile = `
[profile.photos]
region = "us-east-1"
[profile.photos.login]
issuer    = %q
client_id = "daypass"
[profile.photos.role]
arn = "arn:aws:iam::111122223333:role/PhotoUploader"
[profile.photos.upload]
bucket = "photos"
prefix = "uploads/{sub}/"
[profile.photos.endpoints]
sts              = %q
s3               = %q
cognito_identity = %q
`

func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", RequireUniqueNames: true,
		Setup: setUp,
		Condition: func(name string) (bool, error) {
			return name == "nohup" && signal.Ignored(syscall.SIGHUP), nil // if the tests run under nohup
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"idp": setIdP, "break": breakServer, "count": count, "await": await, "visits": visits, "subst": subst,
			"noleak": noLeak, "bus": startBus, "dials": dials, "openurl": openURL, "savedurl": savedURL,
		},
	})
}

type cloudKey struct{}

func setUp(env *testscript.Env) error {
	cloud, err := sandbox.Start()
	if err != nil {
		return err
	}
	env.Defer(func() { cloud.Close() })
	env.Values[cloudKey{}] = cloud
	env.Values[busKey{}] = new(*countedBus)
	cloud.IdP.Set(func(k *sandbox.Knobs) { k.AutoSignIn = "alice" })
	alice := cloud.IdP.Users["alice"]
	alice.Subject = "auth0|a1ice+x=1" // a subject like those of real providers
	cloud.IdP.Users["alice"] = alice
	home := filepath.Join(env.WorkDir, "home")
	config := filepath.Join(home, ".config", "daypass", "config.toml")
	if err := os.MkdirAll(filepath.Dir(config), 0o700); err != nil {
		return err
	}
	text := fmt.Sprintf(configFile, cloud.IdP.URL(), cloud.STS.URL(), cloud.S3.URL(), cloud.Cognito.URL())
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return err
	}
	env.Setenv("HOME", home)
	env.Setenv("DAYPASS_RUNTIME_DIR", filepath.Join(env.WorkDir, "run"))
	env.Setenv("DAYPASS_BROWSER", "browse")
	env.Setenv("VISITS", filepath.Join(env.WorkDir, "visits"))
	env.Setenv("SAVED_URL", filepath.Join(env.WorkDir, "saved-url"))
	env.Setenv("ISSUER", cloud.IdP.URL())
	env.Setenv("STS", cloud.STS.URL())
	env.Setenv("COGNITO", cloud.Cognito.URL())
	env.Setenv("S3", cloud.S3.URL())
	return nil
}

func cloudOf(ts *testscript.TestScript) *sandbox.Sandbox {
	return ts.Value(cloudKey{}).(*sandbox.Sandbox)
}

// setIdP is the command idp; it sets knobs: idp user=bob, idp error=access_denied:words, idp token-life=90s …
func setIdP(ts *testscript.TestScript, _ bool, args []string) {
	for _, arg := range args {
		name, value, _ := strings.Cut(arg, "=")
		cloudOf(ts).IdP.Set(func(k *sandbox.Knobs) {
			switch name {
			case "user":
				k.AutoSignIn = value
			case "error":
				k.Error, k.ErrorDescription, _ = strings.Cut(value, ":")
			case "token-error":
				k.TokenError = value
			case "token-life":
				life, err := time.ParseDuration(value)
				ts.Check(err)
				k.TokenLife = life
			case "silent":
				k.Silent = true
			case "wrong-audience":
				k.WrongAudience = true
			case "no-revocation":
				k.NoRevocation = true
			case "no-end-session":
				k.NoEndSession = true
			case "no-refresh-token":
				k.NoRefreshToken = true
			case "refresh": // refresh=400:{"error":"x"}; refresh= ends it
				status, body, _ := strings.Cut(value, ":")
				k.RefreshAnswer = sandbox.Answer{ContentType: "text/plain", Body: body}
				k.RefreshAnswer.Status, _ = strconv.Atoi(status)
			case "refresh-no-id-token":
				k.RefreshNoIDToken = true
			case "refresh-needs-openid":
				k.RefreshNeedsOpenID = true
			default:
				ts.Fatalf("no knob %q", name)
			}
		})
	}
}

// breakServer is the command break; it makes a server fail: break sts 403 AccessDenied words
func breakServer(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 3 {
		ts.Fatalf("usage: break sts|s3|cognito status code words")
	}
	status, err := strconv.Atoi(args[1])
	ts.Check(err)
	fault := sandbox.Fault{Status: status, Code: args[2], Message: strings.Join(args[3:], " ")}
	switch args[0] {
	case "sts":
		cloudOf(ts).STS.Break(fault)
	case "s3":
		cloudOf(ts).S3.Break(fault)
	case "cognito":
		cloudOf(ts).Cognito.Break(fault)
	default:
		ts.Fatalf("no server %q", args[0])
	}
}

// savedURL waits until saveURL has run. With kill or end it ends the process that waits for the person; with gone it waits
// until that process has ended.
func savedURL(ts *testscript.TestScript, _ bool, args []string) {
	pid, _ := readSavedURL(ts)
	switch {
	case len(args) == 0:
	case args[0] == "kill":
		ts.Check(os.Remove(ts.Getenv("SAVED_URL")))
		ts.Check(signalTo(pid, os.Kill))
	case args[0] == "end":
		ts.Check(os.Remove(ts.Getenv("SAVED_URL")))
		ts.Check(signalTo(pid, syscall.SIGTERM))
	case args[0] == "gone":
		for signalTo(pid, syscall.Signal(0)) == nil {
			time.Sleep(10 * time.Millisecond)
		}
	}
}

// openURL is the person signing in at the saved URL. With ! nothing may answer there.
func openURL(ts *testscript.TestScript, neg bool, _ []string) {
	_, url := readSavedURL(ts)
	ts.Check(os.Remove(ts.Getenv("SAVED_URL")))
	_, _, err := sandbox.Browse(context.Background(), nil, url)
	if (err != nil) != neg {
		ts.Fatalf("browsing: %v", err)
	}
}

func readSavedURL(ts *testscript.TestScript) (pid int, url string) {
	for range 1000 {
		if text, err := os.ReadFile(ts.Getenv("SAVED_URL")); err == nil {
			_, err = fmt.Sscan(string(text), &pid, &url)
			ts.Check(err)
			return pid, url
		}
		time.Sleep(10 * time.Millisecond)
	}
	ts.Fatalf("no tab was opened within ten seconds")
	return 0, ""
}

// count checks how many requests a server got: count idp token:refresh_token 1
func count(ts *testscript.TestScript, _ bool, args []string) {
	counters := map[string]interface{ Count(string) int }{
		"idp": cloudOf(ts).IdP, "sts": cloudOf(ts).STS, "cognito": cloudOf(ts).Cognito,
	}
	want, err := strconv.Atoi(args[2])
	ts.Check(err)
	if got := counters[args[0]].Count(args[1]); got != want {
		ts.Fatalf("%s was asked for %s %d times, want %d", args[0], args[1], got, want)
	}
}

// await is count for requests that a browser sends after daypass has ended.
func await(ts *testscript.TestScript, _ bool, args []string) {
	for range 1000 {
		if strconv.Itoa(cloudOf(ts).IdP.Count(args[0])) == args[1] {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	ts.Fatalf("idp was asked for %s %d times, want %s", args[0], cloudOf(ts).IdP.Count(args[0]), args[1])
}

// visits checks how many browser tabs were opened.
func visits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	text, err := os.ReadFile(ts.Getenv("VISITS"))
	if err != nil && !os.IsNotExist(err) {
		ts.Check(err)
	}
	if got := strings.Count(string(text), "\n"); got != want {
		ts.Fatalf("%d browser tabs were opened, want %d:\n%s", got, want, text)
	}
}

// subst replaces $NAME in files with the script's variables.
func subst(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		path := ts.MkAbs(name)
		text := os.Expand(ts.ReadFile(name), ts.Getenv)
		ts.Check(os.WriteFile(path, []byte(text), 0o600))
	}
}

// noLeak checks that no file below the script's directory contains a secret: the keys in the given file
// (credential_process JSON), or anything that looks like a JWT.
func noLeak(ts *testscript.TestScript, _ bool, args []string) {
	given := ts.ReadFile(args[0])
	secrets := []string{"eyJ", jsonField(given, "SecretAccessKey"), jsonField(given, "SessionToken")}
	root := ts.MkAbs(".")
	own := ts.MkAbs(args[0])
	looked := 0
	ts.Check(filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() || path == own {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		looked++
		for i, secret := range secrets {
			if secret == "" {
				ts.Fatalf("%s has no secret %d to look for", args[0], i)
			}
			if strings.Contains(string(text), secret) {
				ts.Fatalf("%s contains secret %d", path, i)
			}
		}
		return nil
	}))
	if looked == 0 {
		ts.Fatalf("no file to check")
	}
}

func jsonField(text, name string) string {
	_, after, _ := strings.Cut(text, `"`+name+`":`)
	parts := strings.SplitN(after, `"`, 3)
	if len(parts) < 3 {
		return ""
	}
	return parts[1]
}
