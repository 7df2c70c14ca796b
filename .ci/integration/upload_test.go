//go:build integration

package integration

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// bytesOf returns reproducible data that does not compress.
func bytesOf(size int) string {
	b := make([]byte, size)
	source := rand.NewChaCha8([32]byte{1})
	_, _ = source.Read(b)
	return string(b)
}

func TestUploadReadsBackByteForByte(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "alice", parts.dex)
	contents := map[string]string{
		"upload-empty.bin":   "",
		"upload-1-byte.bin":  "x",
		"upload-20-mib.bin":  bytesOf(20 << 20),
		"upload ünï & co.md": "# a name that needs care\n",
	}
	args := []string{"upload"}
	for name, text := range contents {
		args = append(args, m.write("home/"+name, text))
	}
	r := m.daypass(args...)
	for name, text := range contents {
		key := "uploads/" + subjectOf("alice") + "/" + name
		m.wantObject(key, text)
		if url := "s3://" + bucket + "/" + key; !strings.Contains(r.stdout, url+"\n") {
			t.Errorf("stdout = %q, want %q in it", r.stdout, url)
		}
	}
	m.wantVisits(1)
}

// The server refuses this upload, not daypass, which uses a literal prefix of the profile as it is.
func TestUploadToOtherPrefixIsRefused(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "alice", parts.dex)
	r := m.run("daypass", "upload", "--profile", "intruder", m.write("home/intruder.txt", "mine now"))
	if r.code != 5 {
		t.Errorf("exit code %d, want 5 (refused): %s", r.code, r)
	}
	for _, want := range []string{"intruder.txt", "AccessDenied", "uploads/" + subjectOf("bob")} {
		if !strings.Contains(r.stderr, want) {
			t.Errorf("stderr does not say %q:\n%s", want, r.stderr)
		}
	}
	if r := parts.minio.object("uploads/" + subjectOf("bob") + "/intruder.txt"); r.ok() {
		t.Error("the object is there")
	}
	m.wantVisits(1)
}
