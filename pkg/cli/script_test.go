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

// The scripts run the shipped program end to end, against the sandbox, with a person who clicks.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"daypass": func() {
			leaveTerminal()
			os.Exit(Main(context.Background(), os.Args[1:], System("1.2.3")))
		},
		"browse": browse,
		"hangup": hangUp,
		"note":   note,
		"fetch":  fetch, "notified": notified,
	})
}

// browse is the person's browser: noisy on both streams, and it notes each visit.
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

// hangUp is a terminal that is closed while the browser opens: the command that the person typed gets the
// signal, and its sign-in, our parent, does not.
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

// note is a person who does not come at once: it notes where to go, and which process waits there.
func note() {
	err := os.WriteFile(os.Getenv("NOTED")+".new", fmt.Appendf(nil, "%d %s", os.Getppid(), os.Args[len(os.Args)-1]), 0o600)
	if err == nil {
		err = os.Rename(os.Getenv("NOTED")+".new", os.Getenv("NOTED"))
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
			return name == "nohup" && signal.Ignored(syscall.SIGHUP), nil // of the tests themselves
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"idp": setIdP, "break": breakServer, "count": count, "await": await, "visits": visits, "subst": subst,
			"noleak": noLeak, "bus": startBus, "dials": dials, "come": come, "noted": noted,
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
	alice.Subject = "auth0|a1ice+x/=1" // real providers issue subjects like this
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
	env.Setenv("NOTED", filepath.Join(env.WorkDir, "noted"))
	env.Setenv("ISSUER", cloud.IdP.URL())
	env.Setenv("STS", cloud.STS.URL())
	env.Setenv("COGNITO", cloud.Cognito.URL())
	env.Setenv("S3", cloud.S3.URL())
	return nil
}

func cloudOf(ts *testscript.TestScript) *sandbox.Sandbox {
	return ts.Value(cloudKey{}).(*sandbox.Sandbox)
}

// setIdP turns knobs: idp user=bob, idp error=access_denied:words, idp token-life=90s …
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
			case "refresh": // refresh=400:{"error":"x"}; refresh= is good behaviour
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

// breakServer makes AWS misbehave: break sts 403 AccessDenied words
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

// noted waits until note has been there. With kill or end it ends the process that waits for the person, with gone it
// waits until that has ended.
func noted(ts *testscript.TestScript, _ bool, args []string) {
	pid, _ := readNote(ts)
	switch {
	case len(args) == 0:
	case args[0] == "kill":
		ts.Check(os.Remove(ts.Getenv("NOTED")))
		ts.Check(signalTo(pid, os.Kill))
	case args[0] == "end":
		ts.Check(os.Remove(ts.Getenv("NOTED")))
		ts.Check(signalTo(pid, syscall.SIGTERM))
	case args[0] == "gone":
		for signalTo(pid, syscall.Signal(0)) == nil {
			time.Sleep(10 * time.Millisecond)
		}
	}
}

// come is the person at last, in the tab that note was to open; with ! they find nobody there.
func come(ts *testscript.TestScript, neg bool, _ []string) {
	_, url := readNote(ts)
	ts.Check(os.Remove(ts.Getenv("NOTED")))
	_, _, err := sandbox.Browse(context.Background(), nil, url)
	if (err != nil) != neg {
		ts.Fatalf("browsing: %v", err)
	}
}

func readNote(ts *testscript.TestScript) (pid int, url string) {
	for range 1000 {
		if text, err := os.ReadFile(ts.Getenv("NOTED")); err == nil {
			_, err = fmt.Sscan(string(text), &pid, &url)
			ts.Check(err)
			return pid, url
		}
		time.Sleep(10 * time.Millisecond)
	}
	ts.Fatalf("no tab was opened within ten seconds")
	return 0, ""
}

// count checks how often the servers were asked: count idp token:refresh_token 1
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

// await is count for what a browser does after daypass has ended.
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

// subst replaces $NAME in files by the script's variables.
func subst(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		path := ts.MkAbs(name)
		text := os.Expand(ts.ReadFile(name), ts.Getenv)
		ts.Check(os.WriteFile(path, []byte(text), 0o600))
	}
}

// noLeak checks that no file below the script's folder holds a secret: the keys in the file that is
// named (credential_process JSON), or anything that looks like a JWT.
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
				ts.Fatalf("%s holds secret %d", path, i)
			}
		}
		return nil
	}))
	if looked == 0 {
		ts.Fatalf("there was no file to look at")
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
