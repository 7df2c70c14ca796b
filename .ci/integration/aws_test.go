//go:build integration

package integration

import (
	"testing"
	"time"
)

func TestAWSThroughCredentialProcess(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "alice", parts.dex)
	m.daypass("login")
	key := m.key("hello.txt")
	m.aws("s3", "cp", m.write("home/hello.txt", "hello"), "s3://"+bucket+"/"+key)
	m.wantObject(key, "hello")
	m.wantVisits(1)
}

// Without a `daypass login`, the AWS CLI's own call opens the browser, and then continues.
func TestAWSSignsIn(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "alice", parts.dex)
	key := m.key("hello.txt")
	m.aws("s3", "cp", m.write("home/hello.txt", "hello"), "s3://"+bucket+"/"+key)
	m.wantObject(key, "hello")
	m.wantVisits(1)
}

func TestSecondInvocationOpensNoBrowser(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "alice", parts.dex)
	first := m.credentials()
	if second := m.credentials(); second != first {
		t.Errorf("the second credential is %s until %s, want the first one again: %s until %s",
			second.AccessKeyID, second.Expiration, first.AccessKeyID, first.Expiration)
	}
	if third := m.run(m.path("bin/daypass-credentials")); third != m.daypass("credentials") {
		t.Errorf("daypass-credentials: %s, want the output of daypass", third)
	}
	m.daypass("env")
	m.daypass("whoami")
	m.wantVisits(1)
}

// MinIO's keys expire with the ID token, which is valid for seconds. So the AWS CLI only works over several lifetimes
// if daypass renews silently.
func TestShortTokensRenewSilently(t *testing.T) {
	t.Parallel()
	const lives = 3
	m := newMachine(t, "alice", parts.short)
	m.daypass("login")
	file := m.write("home/hello.txt", "hello")
	seen := map[string]bool{}
	pace := time.NewTicker(shortLife / 5)
	defer pace.Stop()
	for end := time.Now().Add(lives*shortLife + time.Second); time.Now().Before(end); <-pace.C {
		m.aws("s3", "cp", file, "s3://"+bucket+"/"+m.key("hello.txt"))
		seen[m.credentials().AccessKeyID] = true
	}
	if len(seen) < lives {
		t.Errorf("%d credentials in %d lifetimes of the token, want at least one per lifetime", len(seen), lives)
	}
	m.wantVisits(1)
}
