package upload

import (
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
)

// bucket is a fake S3 for single objects and multipart uploads in path style. It checks neither signatures nor policies.
type bucket struct {
	// refuse returns true if it has written the response itself.
	refuse func(w http.ResponseWriter, r *http.Request) bool

	mu       sync.Mutex
	objects  map[string][]byte
	headers  map[string]http.Header
	parts    map[int][]byte
	requests []string
	aborted  int
}

// serve starts a bucket and returns it and the server's URL.
func serve(t *testing.T, refuse func(http.ResponseWriter, *http.Request) bool) (*bucket, string) {
	t.Helper()
	b := &bucket{refuse: refuse, objects: map[string][]byte{}, headers: map[string]http.Header{}, parts: map[int][]byte{}}
	server := httptest.NewServer(b)
	t.Cleanup(server.Close)
	return b, server.URL
}

func (b *bucket) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	if b.refuse != nil && b.refuse(w, r) {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.requests = append(b.requests, r.Method)
	query := r.URL.Query()
	switch {
	case r.Method == http.MethodHead:
		if _, ok := b.objects[r.URL.Path]; !ok {
			w.WriteHeader(http.StatusNotFound)
		}
		w.Header().Set("Content-Length", strconv.Itoa(len(b.objects[r.URL.Path])))
	case r.Method == http.MethodPost && query.Has("uploads"):
		b.headers[r.URL.Path] = r.Header
		io.WriteString(w, `<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>`)
	case r.Method == http.MethodPost:
		b.complete(r.URL.Path, body)
		io.WriteString(w, `<CompleteMultipartUploadResult><ETag>"whole"</ETag></CompleteMultipartUploadResult>`)
	case r.Method == http.MethodDelete:
		b.aborted++
		b.parts = map[int][]byte{}
		w.WriteHeader(http.StatusNoContent)
	case query.Has("partNumber"):
		number, _ := strconv.Atoi(query.Get("partNumber"))
		b.parts[number] = body
		w.Header().Set("ETag", fmt.Sprintf(`"part%d"`, number))
	default:
		b.objects[r.URL.Path], b.headers[r.URL.Path] = body, r.Header
		w.Header().Set("ETag", `"whole"`)
		w.Header().Set("x-amz-version-id", "v1")
	}
}

func (b *bucket) complete(path string, body []byte) {
	var list struct{ Part []struct{ PartNumber int } }
	xml.Unmarshal(body, &list)
	for _, part := range list.Part {
		b.objects[path] = append(b.objects[path], b.parts[part.PartNumber]...)
	}
	b.parts = map[int][]byte{}
}

// answer writes an S3 error.
func answer(w http.ResponseWriter, status int, code, message string) bool {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<Error><Code>%s</Code><Message>%s</Message></Error>", code, message)
	return true
}
