package upload

import (
	"encoding/base64"
	"errors"
	"hash/crc32"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

const page = "<html><body>Welcome to the hotel's network</body></html>"

// multipart is the size of a file that is uploaded in parts.
const multipart = 17 << 20

// replies has a handler for a kind of request: PUT, CREATE, PART, COMPLETE, ABORT or HEAD.
type replies map[string]http.HandlerFunc

// kind returns a request's key in replies.
func kind(r *http.Request) string {
	query := r.URL.Query()
	switch {
	case query.Has("uploads"):
		return "CREATE"
	case query.Has("partNumber"):
		return "PART"
	case r.Method == http.MethodPost:
		return "COMPLETE"
	case r.Method == http.MethodDelete:
		return "ABORT"
	}
	return r.Method
}

// fakeS3 responds like AWS's S3, unless replies has a handler.
type fakeS3 struct {
	replies replies
	seen    map[string]int
}

var (
	trailer     = regexp.MustCompile(`x-amz-checksum-crc32:(\S+)`)
	partSums    = regexp.MustCompile(`<ChecksumCRC32>(.+?)</ChecksumCRC32>`)
	wholeAnswer = `<CompleteMultipartUploadResult><ETag>"whole"</ETag><ChecksumCRC32>%s</ChecksumCRC32></CompleteMultipartUploadResult>`
)

func (a *fakeS3) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	switch kind(r) {
	case "CREATE":
		io.WriteString(w, `<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>`)
	case "PUT", "PART":
		w.Header().Set("ETag", `"whole"`)
		if sum := trailer.FindSubmatch(body[max(0, len(body)-200):]); sum != nil {
			w.Header().Set("x-amz-checksum-crc32", string(sum[1]))
		}
	case "COMPLETE":
		ofParts, n := crc32.NewIEEE(), 0
		for _, part := range partSums.FindAllSubmatch(body, -1) {
			sum, _ := base64.StdEncoding.DecodeString(string(part[1]))
			ofParts.Write(sum)
			n++
		}
		io.WriteString(w, strings.Replace(wholeAnswer, "%s", encodeCRC32(ofParts.Sum32())+"-"+strconv.Itoa(n), 1))
	}
}

// RoundTrip implements http.RoundTripper without a network.
func (a *fakeS3) RoundTrip(r *http.Request) (*http.Response, error) {
	a.seen[kind(r)]++
	rec := httptest.NewRecorder()
	if r.Body == nil {
		r.Body = http.NoBody
	}
	if reply := a.replies[kind(r)]; reply != nil {
		io.Copy(io.Discard, r.Body)
		reply(rec, r)
	} else {
		a.ServeHTTP(rec, r)
	}
	return rec.Result(), nil
}

// html is the response of a captive portal or a proxy.
func html(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html")
	io.WriteString(w, page)
}

func empty(http.ResponseWriter, *http.Request) {}

func withHeader(pairs ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for i := 0; i < len(pairs); i += 2 {
			w.Header().Set(pairs[i], pairs[i+1])
		}
	}
}

func says(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, body) }
}

// A success status is not enough: a proxy's page, or a response without what S3 always returns, is an error.
func TestUploadNotConfirmed(t *testing.T) {
	t.Parallel()
	const other, etag = "AAAAAA==", `"e"`
	for _, tt := range []struct {
		name    string
		size    int
		custom  bool
		replies replies
		want    string // "" for success
	}{
		{"confirmed", 5, false, nil, ""},
		{"confirmed in parts", multipart, false, nil, ""},
		{"PUT answered by a page", 5, false, replies{"PUT": html}, "PutObject with success, but without an ETag"},
		{"PUT answered by nothing", 5, true, replies{"PUT": empty}, "PutObject with success, but without an ETag"},
		{"PUT without checksum", 5, false, replies{"PUT": withHeader("ETag", etag)}, "PutObject with success, but without the checksum that was sent"},
		{"PUT with S3's own checksum alone", 5, false, replies{"PUT": withHeader("ETag", etag, "x-amz-checksum-crc64nvme", other)}, "without the checksum that was sent"},
		{"PUT with another checksum", 5, false, replies{"PUT": withHeader("ETag", etag, "x-amz-checksum-crc32", other)}, "PutObject with success, but with the checksum of other content"},
		{"PUT with another checksum, custom", 5, true, replies{"PUT": withHeader("ETag", etag, "x-amz-checksum-crc32", other)}, "with the checksum of other content"},
		{"PUT with another CRC64NVME, custom", 5, true, replies{"PUT": withHeader("ETag", etag, "x-amz-checksum-crc64nvme", "AAAAAAAAAAA=")}, "with the checksum of other content"},
		{"CREATE answered by a page", multipart, false, replies{"CREATE": html}, "CreateMultipartUpload with success, but without an upload ID"},
		{"PART answered by a page", multipart, false, replies{"PART": html}, "UploadPart with success, but without an ETag"},
		{"PART without checksum", multipart, false, replies{"PART": withHeader("ETag", etag)}, "UploadPart with success, but without the checksum that was sent"},
		{"PART with another checksum", multipart, false, replies{"PART": withHeader("ETag", etag, "x-amz-checksum-crc32", other)}, "UploadPart with success, but with the checksum of other content"},
		{"COMPLETE answered by a page", multipart, false, replies{"COMPLETE": html}, "CompleteMultipartUpload with success, but without an ETag"},
		{"COMPLETE answered by nothing", multipart, true, replies{"COMPLETE": empty}, "CompleteMultipartUpload with success, but without an ETag"},
		{"COMPLETE without checksum", multipart, false, replies{"COMPLETE": says(`<CompleteMultipartUploadResult><ETag>"e"</ETag></CompleteMultipartUploadResult>`)},
			"CompleteMultipartUpload with success, but without the checksum that was sent"},
		{"COMPLETE with another checksum", multipart, false, replies{"COMPLETE": says(strings.Replace(wholeAnswer, "%s", other+"-3", 1))},
			"CompleteMultipartUpload with success, but with the checksum of other content"},
		{"COMPLETE with the whole file's checksum", multipart, false, replies{"COMPLETE": says(strings.Replace(wholeAnswer, "%s",
			encodeCRC32(crc32.ChecksumIEEE(pattern(multipart))), 1))}, ""},
		{"COMPLETE refused", multipart, false, replies{"COMPLETE": func(w http.ResponseWriter, r *http.Request) { answer(w, 403, "AccessDenied", "no") }},
			": AccessDenied: no"},
		{"COMPLETE refused, with status 200", multipart, false, replies{"COMPLETE": says(`<Error><Code>AccessDenied</Code><Message>no</Message></Error>`)},
			": AccessDenied: no"},
		{"COMPLETE and ABORT refused", multipart, false, replies{"COMPLETE": html, "ABORT": func(w http.ResponseWriter, r *http.Request) { answer(w, 403, "AccessDenied", "no") }},
			"its parts could not be deleted, upload ID u1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := &fakeS3{replies: tt.replies, seen: map[string]int{}}
			u := uploader("")
			u.HTTPClient = &http.Client{Transport: locked(server)}
			if tt.custom {
				u.Endpoint, u.ChecksumWhenRequired = "https://s3.example.com", true
			}
			u.Warn = func(err error) { t.Errorf("warned: %v", err) }
			path := write(t, t.TempDir(), "a", pattern(tt.size))
			_, err := u.Upload(t.Context(), File{path, u.Prefix + "a"})
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
			if server.seen["CREATE"] > 0 && tt.replies["CREATE"] == nil && err != nil && server.seen["ABORT"] == 0 {
				t.Error("the parts were not deleted")
			}
		})
	}
}

// If a server that is not AWS's does not return checksums, the size is compared and a warning is given once.
func TestUploadWithoutChecksums(t *testing.T) {
	t.Parallel()
	head := func(status int, length string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", length)
			w.WriteHeader(status)
		}
	}
	for _, tt := range []struct {
		name   string
		size   int
		head   http.HandlerFunc
		want   string
		warned error
	}{
		{"the same size", 5, head(200, "5"), "", errNoChecksums},
		{"the same size in parts", multipart, head(200, strconv.Itoa(multipart)), "", errNoChecksums},
		{"another size", 5, head(200, "4"), "but stored 4 bytes of 5", nil},
		{"no object", 5, head(404, "0"), "but then has no such object", nil},
		{"not to be read", 5, head(403, "0"), "", errNotVerified},
		{"HEAD unknown", 5, head(405, "0"), "", errNotVerified},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			etag := withHeader("ETag", `"e"`)
			server := &fakeS3{replies: replies{"PUT": etag, "PART": etag, "HEAD": tt.head,
				"COMPLETE": says(`<CompleteMultipartUploadResult><ETag>"e"</ETag></CompleteMultipartUploadResult>`)}, seen: map[string]int{}}
			u := uploader("https://s3.example.com")
			u.HTTPClient, u.ChecksumWhenRequired = &http.Client{Transport: locked(server)}, true
			var warnings []error
			u.Warn = func(err error) { warnings = append(warnings, err) }
			path := write(t, t.TempDir(), "a", pattern(tt.size))
			for range 2 {
				_, err := u.Upload(t.Context(), File{path, u.Prefix + "a"})
				if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
					t.Errorf("error %v, want %q", err, tt.want)
				}
			}
			if tt.warned == nil && len(warnings) > 0 || tt.warned != nil && (len(warnings) != 1 || !errors.Is(warnings[0], tt.warned)) {
				t.Errorf("warnings %v, want one of %v", warnings, tt.warned)
			}
		})
	}
}

// locked sends one request at a time, for a RoundTripper that is not safe for concurrent use.
func locked(inner http.RoundTripper) http.RoundTripper {
	turn := make(chan struct{}, 1)
	return roundTrip(func(r *http.Request) (*http.Response, error) {
		turn <- struct{}{}
		defer func() { <-turn }()
		return inner.RoundTrip(r)
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
