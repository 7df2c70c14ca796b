package upload

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/internal/awsclient"
	"github.com/daypass/daypass/pkg/secret"
)

func keys(context.Context) (credential.Credential, error) {
	now := time.Now()
	return credential.Credential{
		AccessKeyID:     "ASIAEXAMPLE",
		SecretAccessKey: secret.New("secret"),
		SessionToken:    secret.New("session-token"),
		Issued:          now,
		Expiration:      now.Add(time.Hour),
	}, nil
}

func uploader(endpoint string) *Uploader {
	return &Uploader{
		Bucket: "photos", Prefix: "u/auth0|6/", Credentials: keys, PathStyle: true,
		Options: awsclient.Options{Region: "us-east-1", Endpoint: endpoint, HTTPClient: &http.Client{}, UserAgent: "daypass/1.2.3"},
	}
}

// pattern returns size bytes in which no two parts are equal.
func pattern(size int) []byte {
	content := make([]byte, size)
	for i := 0; i+4 <= size; i += 4 {
		binary.BigEndian.PutUint32(content[i:], uint32(i))
	}
	return content
}

func TestUpload(t *testing.T) {
	t.Parallel()
	const threshold = 16 << 20
	tests := []struct {
		name, file, contentType string
		content                 []byte
	}{
		{"empty", "empty", "application/octet-stream", nil},
		{"one byte", "one", "text/plain; charset=utf-8", []byte("x")},
		{"by extension", "page.HTML", "text/html; charset=utf-8", []byte("x")},
		{"by content", "picture", "image/png", []byte("\x89PNG\r\n\x1a\n")},
		{"unknown", "blob", "application/octet-stream", []byte{0, 1, 2, 0xff}},
		{"awkward name", "a b+c%d=é?&#.bin2", "application/octet-stream", []byte{0}},
		{"under the threshold", "under", "application/octet-stream", pattern(threshold - 1)},
		{"at the threshold", "at", "application/octet-stream", pattern(threshold)},
		{"20 MiB", "large", "application/octet-stream", pattern(20 << 20)},
	}
	b, endpoint := serve(t, nil)
	u := uploader(endpoint)
	for _, tt := range tests {
		files, err := Plan(u.Prefix, []string{write(t, t.TempDir(), tt.file, tt.content)})
		if err != nil {
			t.Fatal(err)
		}
		object, err := u.Upload(t.Context(), files[0])
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		versionID := "v1"
		if len(tt.content) >= threshold { // the fake returns none for a multipart upload
			versionID = ""
		}
		want := Object{URL: "s3://photos/u/auth0|6/" + tt.file, Bucket: "photos", Key: "u/auth0|6/" + tt.file,
			Size: int64(len(tt.content)), ContentType: tt.contentType, ETag: `"whole"`, VersionID: versionID}
		if object != want {
			t.Errorf("%s:\n got %+v\nwant %+v", tt.name, object, want)
		}
		path := "/photos/u/auth0|6/" + tt.file
		if !bytes.Equal(b.objects[path], tt.content) {
			t.Errorf("%s: %d bytes arrived, %d were sent, or they differ", tt.name, len(b.objects[path]), len(tt.content))
		}
		if got := b.headers[path].Get("Content-Type"); got != tt.contentType {
			t.Errorf("%s: Content-Type %q arrived, want %q", tt.name, got, tt.contentType)
		}
	}
}

func TestUploadIsSignedAndHasAChecksum(t *testing.T) {
	t.Parallel()
	for _, whenRequired := range []bool{false, true} {
		b, endpoint := serve(t, nil)
		u := uploader(endpoint)
		u.ChecksumWhenRequired = whenRequired
		path := write(t, t.TempDir(), "a", []byte("hello"))
		if _, err := u.Upload(t.Context(), File{path, u.Prefix + "a"}); err != nil {
			t.Fatal(err)
		}
		h := b.headers["/photos/u/auth0|6/a"]
		if !strings.Contains(h.Get("Authorization"), "Credential=ASIAEXAMPLE/") || h.Get("X-Amz-Security-Token") != "session-token" {
			t.Errorf("the request is not signed with the credential: %q", h.Get("Authorization"))
		}
		if !strings.Contains(h.Get("User-Agent"), "daypass/1.2.3") {
			t.Errorf("User-Agent %q does not name the program", h.Get("User-Agent"))
		}
		want := ""
		if !whenRequired {
			want = base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE([]byte("hello"))))
		}
		if got := h.Get("X-Amz-Checksum-Crc32"); got != want {
			t.Errorf("ChecksumWhenRequired %v: CRC32 %q, want %q", whenRequired, got, want)
		}
	}
}

func TestUploadGetsCredentialsOnce(t *testing.T) {
	t.Parallel()
	_, endpoint := serve(t, nil)
	u := uploader(endpoint)
	var asked atomic.Int32
	u.Credentials = func(ctx context.Context) (credential.Credential, error) {
		asked.Add(1)
		return keys(ctx)
	}
	path := write(t, t.TempDir(), "a", []byte("hello"))
	for range 3 {
		if _, err := u.Upload(t.Context(), File{path, u.Prefix + "a"}); err != nil {
			t.Fatal(err)
		}
	}
	if got := asked.Load(); got != 1 {
		t.Errorf("got credentials %d times, want once", got)
	}
}

// A credential that expires during a long run is replaced.
func TestUploadRenewsCredentials(t *testing.T) {
	t.Parallel()
	_, endpoint := serve(t, nil)
	u := uploader(endpoint)
	asked := 0
	u.Credentials = func(ctx context.Context) (credential.Credential, error) {
		asked++
		c, err := keys(ctx)
		c.Expiration = c.Issued.Add(expiryWindow - time.Second)
		return c, err
	}
	path := write(t, t.TempDir(), "a", []byte("hello"))
	for range 2 {
		if _, err := u.Upload(t.Context(), File{path, u.Prefix + "a"}); err != nil {
			t.Fatal(err)
		}
	}
	if asked < 2 {
		t.Errorf("got credentials %d times, want once per upload", asked)
	}
}

func TestUploadRefused(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, code string
		status     int
		size       int
		refused    bool
	}{
		{"a small file", "AccessDenied", http.StatusForbidden, 1, true},
		{"a large file", "AccessDenied", http.StatusForbidden, 17 << 20, true},
		{"no such bucket", "NoSuchBucket", http.StatusNotFound, 1, false},
		{"another region", "PermanentRedirect", http.StatusMovedPermanently, 1, false},
	}
	for _, tt := range tests {
		_, endpoint := serve(t, func(w http.ResponseWriter, r *http.Request) bool {
			return answer(w, tt.status, tt.code, "no\nentry")
		})
		u := uploader(endpoint)
		path := write(t, t.TempDir(), "photo.jpg", make([]byte, tt.size))
		_, err := u.Upload(t.Context(), File{path, u.Prefix + "photo.jpg"})
		e, ok := errors.AsType[*Error](err)
		if !ok || e.Code != tt.code || e.HTTPStatus != tt.status || e.Refused() != tt.refused {
			t.Errorf("%s: got %#v, want code %s, status %d, refused %v", tt.name, err, tt.code, tt.status, tt.refused)
			continue
		}
		want := "uploading " + path + " to s3://photos/u/auth0|6/photo.jpg: " + tt.code + ": no entry"
		if err.Error() != want {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, err, want)
		}
	}
}

// The signature and the file are sent to one host only.
func TestUploadFollowsNoRedirect(t *testing.T) {
	t.Parallel()
	path := write(t, t.TempDir(), "a", []byte("hello"))
	for _, status := range []int{http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect} {
		other, elsewhere := serve(t, nil)
		_, endpoint := serve(t, func(w http.ResponseWriter, r *http.Request) bool {
			w.Header().Set("Location", elsewhere+r.URL.Path)
			return answer(w, status, "Redirect", "over there")
		})
		u := uploader(endpoint)
		if _, err := u.Upload(t.Context(), File{path, u.Prefix + "a"}); err == nil || len(other.requests) > 0 {
			t.Errorf("%d: error %v and %d requests elsewhere, want an error and none", status, err, len(other.requests))
		}
	}
}

var errSignIn = errors.New("sign-in required")

func TestUploadErrors(t *testing.T) {
	t.Parallel()
	b, endpoint := serve(t, nil)
	path := write(t, t.TempDir(), "a", []byte("hello"))
	key := "u/auth0|6/a"
	tests := []struct {
		name   string
		change func(*Uploader)
		file   File
		want   string
	}{
		{"no credential", func(u *Uploader) {
			u.Credentials = func(context.Context) (credential.Credential, error) { return credential.Credential{}, errSignIn }
		}, File{path, key}, "uploading " + path + " to s3://photos/" + key + ": sign-in required"},
		{"another's prefix", nil, File{path, "u/bob/a"}, "not under the prefix"},
		{"out of the prefix", nil, File{path, "u/auth0|6/../bob/a"}, `segment ".."`},
		{"prefix alone", nil, File{path, "u/auth0|6/"}, `segment ""`},
		{"no bucket", func(u *Uploader) { u.Bucket = "" }, File{path, key}, "no bucket"},
		{"a directory", nil, File{t.TempDir(), key}, "is a directory"},
		{"a device", nil, File{os.DevNull, key}, "not a regular file"},
		{"a missing file", nil, File{path + "x", key}, "no such file"},
		{"connection refused", func(u *Uploader) { u.Endpoint = "http://127.0.0.1:1" }, File{path, key}, ": sending request: "},
	}
	for _, tt := range tests {
		u := uploader(endpoint)
		if tt.change != nil {
			tt.change(u)
		}
		_, err := u.Upload(t.Context(), tt.file)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		}
		if e, ok := errors.AsType[*Error](err); !ok || e.File != tt.file || e.Refused() {
			t.Errorf("%s: %#v is not an *Error with the file, or is a refusal", tt.name, err)
		}
		if tt.name == "no credential" && !errors.Is(err, errSignIn) {
			t.Errorf("%s: %v does not wrap the cause", tt.name, err)
		}
	}
	if len(b.requests) > 0 {
		t.Errorf("%d requests were sent, want none", len(b.requests))
	}
}

// No object is stored if the file is modified during the upload.
func TestUploadOfChangingFile(t *testing.T) {
	t.Parallel()
	changes := map[string]func(path string, f *os.File){
		"grown":       func(_ string, f *os.File) { f.Seek(0, io.SeekEnd); f.WriteString("more") },
		"shrunk":      func(_ string, f *os.File) { f.Truncate(30 << 20) },
		"overwritten": func(path string, f *os.File) { os.Chtimes(path, time.Time{}, time.Now().Add(time.Hour)) },
	}
	for name, change := range changes {
		path := write(t, t.TempDir(), "log", pattern(40<<20))
		b, endpoint := serve(t, func(w http.ResponseWriter, r *http.Request) bool {
			if f, err := os.OpenFile(path, os.O_RDWR, 0); err == nil && r.URL.Query().Has("uploads") {
				change(path, f) // the first parts are read, the last are not
				f.Close()
			}
			return false
		})
		u := uploader(endpoint)
		_, err := u.Upload(t.Context(), File{path, u.Prefix + "log"})
		if !errors.Is(err, ErrChanged) || !strings.HasSuffix(err.Error(), "log: the file changed while it was read") {
			t.Errorf("%s: got %v, want %v", name, err, ErrChanged)
		}
		if len(b.objects) > 0 || b.aborted != 1 {
			t.Errorf("%s: %d objects and %d aborts, want 0 and 1", name, len(b.objects), b.aborted)
		}
	}
}

// Ctrl-C during a large upload leaves no parts behind.
func TestUploadInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	b, endpoint := serve(t, func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Query().Get("partNumber") == "2" {
			cancel()
		}
		return false
	})
	u := uploader(endpoint)
	path := write(t, t.TempDir(), "large", pattern(40<<20))
	_, err := u.Upload(ctx, File{path, u.Prefix + "large"})
	if !errors.Is(err, context.Canceled) || !strings.HasSuffix(err.Error(), "/large: context canceled") {
		t.Errorf("got %v, want %v alone", err, context.Canceled)
	}
	if len(b.objects) > 0 || b.aborted != 1 {
		t.Errorf("%d objects and %d aborts, want 0 and 1", len(b.objects), b.aborted)
	}
}

// The error is the interruption, even if the upload could not be aborted.
func TestUploadInterruptedAndNotAborted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, endpoint := serve(t, func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Query().Get("partNumber") == "2" {
			cancel()
		}
		return r.Method == http.MethodDelete && answer(w, http.StatusForbidden, "AccessDenied", "no")
	})
	u := uploader(endpoint)
	path := write(t, t.TempDir(), "large", pattern(40<<20))
	_, err := u.Upload(ctx, File{path, u.Prefix + "large"})
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "upload id: u1") {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

func TestErrorQuotesOnlyUnprintablePaths(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"my photo.jpg": "uploading my photo.jpg to s3://b/k: no",
		"a\x1b[2Jb":    `uploading "a\x1b[2Jb" to s3://b/k: no`,
	} {
		if got := newError(File{Path: path}, "s3://b/k", errors.New("no")).Error(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
