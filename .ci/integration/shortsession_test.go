//go:build integration

package integration

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/daypass/daypass/pkg/sandbox"
)

const (
	// minutes is how long the programs run; each session is valid for twoMinutes.
	minutes    = 5 * time.Minute
	twoMinutes = 2 * time.Minute
)

// debianPython has boto3; another `python3` may come first on PATH.
const debianPython = "/usr/bin/python3"

// worksOn writes an object every half second in one boto3 session, for as long as its second argument.
const worksOn = `
import boto3, sys, time
s3 = boto3.Session(profile_name="photos").client("s3", endpoint_url=sys.argv[1])
end, calls = time.monotonic() + float(sys.argv[2]), 0
while time.monotonic() < end:
    s3.put_object(Bucket=sys.argv[3], Key=sys.argv[4], Body=str(calls))
    calls += 1
    time.sleep(0.5)
print(calls)
`

// The AWS CLI and a boto3 program work for five minutes with sessions of two minutes. botocore calls daypass for
// every request, because no session has the 900 s left that botocore requires. No call fails, and only the first
// opens a tab.
func TestTwoMinuteSessions(t *testing.T) {
	t.Parallel()
	c := newCloud(t, sandbox.Options{SessionLife: twoMinutes, TokenLife: twoMinutes})
	m := newMachineAt(t, c)
	m.countCalls()
	prefix := "uploads/" + c.IdP.Users["alice"].Subject + "/"
	file, object := m.write("home/hello.txt", "hello"), "s3://"+sandbox.Bucket+"/"+prefix
	m.aws("s3", "cp", file, object+"aws.txt") // signs in
	m.wantVisits(1)

	boto := make(chan result, 1)
	go func() {
		boto <- m.runFor(minutes+commandDeadline, debianPython, "-c", worksOn, m.s3, fmt.Sprint(minutes.Seconds()), sandbox.Bucket, prefix+"boto3.txt")
	}()
	calls, begin := 0, time.Now()
	pace := time.NewTicker(2 * time.Second)
	defer pace.Stop()
	for ; time.Since(begin) < minutes; <-pace.C {
		m.aws("s3", "cp", file, object+"aws.txt")
		calls++
	}
	r := <-boto
	if !r.ok() {
		t.Fatalf("boto3: %s", r)
	}
	var botos int
	if _, err := fmt.Sscan(r.stdout, &botos); err != nil || botos < 100 {
		t.Errorf("boto3 made %q calls, want hundreds (%v)", r.stdout, err)
	}
	if asked := m.calls(); asked < calls+botos {
		t.Errorf("daypass was called %d times, want at least once per request: %d of aws, %d of boto3", asked, calls, botos)
	}
	m.wantVisits(1)
	// Each session is used until a third of it is left.
	if got, most := c.STS.Count("AssumeRoleWithWebIdentity"), int(minutes/(twoMinutes*2/3))+2; got < 3 || got > most {
		t.Errorf("%d sessions in %v, want 3 to %d", got, minutes, most)
	}
}

// countCalls makes the AWS configuration call daypass through a script that counts.
func (m *machine) countCalls() {
	m.t.Helper()
	script, program := m.path("bin/counted"), m.path("bin/daypass-credentials")
	m.write("bin/counted", fmt.Sprintf("#!/bin/sh\necho call >>%s\nexec %s \"$@\"\n", m.path("calls"), program))
	m.must(os.Chmod(script, 0o700))
	config, err := os.ReadFile(m.path("aws.config"))
	m.must(err)
	m.write("aws.config", strings.ReplaceAll(string(config), program, script))
}

func (m *machine) calls() int {
	text, err := os.ReadFile(m.path("calls"))
	m.must(err)
	return strings.Count(string(text), "call")
}
