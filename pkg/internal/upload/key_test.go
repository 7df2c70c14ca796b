package upload

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestKey(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", maxKeyBytes-len("u/a/"))
	tests := []struct{ prefix, name, want string }{
		{"u/a/", "photo.jpg", "u/a/photo.jpg"},
		{"u/auth0|6/", "trip/day 1/ü.jpg", "u/auth0|6/trip/day 1/ü.jpg"},
		{"u/a/", ".hidden", "u/a/.hidden"},
		{"u/a/", "...", "u/a/..."},
		{"u/a/", "c:x", "u/a/c:x"},
		{"u/a/", "%2e%2e", "u/a/%2e%2e"},
		{"u/a/", "-rf", "u/a/-rf"},
		{"u/a/", long, "u/a/" + long},
	}
	for _, tt := range tests {
		if got, err := Key(tt.prefix, tt.name); got != tt.want || err != nil {
			t.Errorf("Key(%q, %q) = %q, %v, want %q", tt.prefix, tt.name, got, err, tt.want)
		}
	}
}

func TestKeyRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct{ prefix, name, reason string }{
		{"u/a/", "", `segment ""`},
		{"u/a/", ".", `segment "."`},
		{"u/a/", "..", `segment ".."`},
		{"u/a/", "../b", `segment ".."`},
		{"u/a/", "x/../../b", `segment ".."`},
		{"u/a/", "x/..", `segment ".."`},
		{"u/a/", "x/./y", `segment "."`},
		{"u/a/", "x//y", `segment ""`},
		{"u/a/", "x/", `segment ""`},
		{"u/a/", "/etc/passwd", "absolute"},
		{"u/a/", "//host/share", "absolute"},
		{"u/a/", "C:/x", "absolute"},
		{"u/a/", `C:\x`, "backslash"},
		{"u/a/", `..\b`, "backslash"},
		{"u/a/", `\\host\share`, "backslash"},
		{"u/a/", "a\nb", "control"},
		{"u/a/", "a\x00", "control"},
		{"u/a/", "a\u0085", "control"},
		{"u/a/", "a\u2028", "control"},
		{"u/a/", "a\xff", "UTF-8"},
		{"u/a/", strings.Repeat("x", maxKeyBytes-3), "1025 bytes"},
		{"u/a/", strings.Repeat("ü", maxKeyBytes/2), "bytes"},
		{"u/a", "x", "end in /"},
		{"", "x", "end in /"},
		{"/", "x", `segment ""`},
		{"u/../", "x", `segment ".."`},
		{"u//", "x", `segment ""`},
	}
	for _, tt := range tests {
		got, err := Key(tt.prefix, tt.name)
		if err == nil || got != "" || !strings.Contains(err.Error(), tt.reason) {
			t.Errorf("Key(%q, %q) = %q, %v, want the reason %q", tt.prefix, tt.name, got, err, tt.reason)
		}
	}
}

// FuzzKey checks that no key leaves the prefix, even if it is resolved as a path.
func FuzzKey(f *testing.F) {
	for _, name := range []string{"a", "a/b", "..", "../a", "a/../../b", "/a", `..\a`, `C:\a`, "C:/a", "a//b", "./a", "a/.", "\x00", "\xff", "．．/a"} {
		f.Add("uploads/alice/", name)
	}
	f.Add("uploads/../", "a")
	f.Fuzz(func(t *testing.T, prefix, name string) {
		key, err := Key(prefix, name)
		if err != nil {
			return
		}
		if key != prefix+name || len(key) == len(prefix) || len(key) > maxKeyBytes {
			t.Errorf("Key(%q, %q) = %q", prefix, name, key)
		}
		for _, separators := range []string{key, strings.ReplaceAll(key, `\`, "/")} {
			clean := filepath.ToSlash(filepath.Clean("/root/" + separators))
			if !strings.HasPrefix(clean, "/root/"+prefix) {
				t.Errorf("Key(%q, %q) = %q, a path to %q", prefix, name, key, clean)
			}
		}
	})
}

// write makes a file and returns its path.
func write(t *testing.T, dir, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestPlan(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b, a := write(t, dir, "deep/b.txt", nil), write(t, dir, "a.txt", nil)
	link := filepath.Join(dir, "link.txt")
	if err := os.Symlink(a, link); err != nil {
		t.Skip(err)
	}
	got, err := Plan("u/alice/", []string{b, a, link})
	want := []File{{b, "u/alice/b.txt"}, {a, "u/alice/a.txt"}, {link, "u/alice/link.txt"}}
	if err != nil || len(got) != 3 || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] {
		t.Errorf("Plan = %v, %v, want %v", got, err, want)
	}
}

func TestPlanRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	one, two := write(t, dir, "1/same", nil), write(t, dir, "2/same", nil)
	dangling := filepath.Join(dir, "dangling")
	if err := os.Symlink(filepath.Join(dir, "nothing"), dangling); err != nil {
		t.Skip(err)
	}
	tests := map[string][]string{
		"is a directory":                  {dir},
		"2/same would both become …/same": {one, two},
		"1/same is named twice":           {one, one},
		"no such file":                    {dangling},
		"not a regular file":              {os.DevNull},
		`"newline\nname" has a control`:   {write(t, dir, "newline\nname", nil)},
		`reading ""`:                      {""},
		`has a backslash`:                 {write(t, dir, `..\evil`, nil)},
		`".." is a directory: name its`:   {".."},
	}
	for reason, paths := range tests {
		if files, err := Plan("u/alice/", paths); err == nil || files != nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("Plan(%q) = %v, %v, want the reason %q", paths, files, err, reason)
		}
	}
	if _, err := Plan("u/alice", []string{one}); err == nil {
		t.Error("Plan with a prefix that does not end in / succeeded")
	}
}

// All errors are returned at once, so that they can be fixed in one go.
func TestPlanReturnsAllErrors(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	good := write(t, dir, "good", nil)
	_, err := Plan("u/alice/", []string{filepath.Join(dir, "gone"), good, dir})
	plan, ok := errors.AsType[*PlanError](err)
	if !ok || len(plan.Errs) != 2 {
		t.Fatalf("Plan = %v, want a PlanError with two errors", err)
	}
	for i, want := range []string{"no such file", "is a directory: name its files"} {
		if got := plan.Errs[i].Error(); !strings.Contains(got, want) {
			t.Errorf("error %d is %q, want %q in it", i, got, want)
		}
	}
}
