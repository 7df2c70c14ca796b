package sandbox

import (
	"io"
	"net/http"
	"sync"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"github.com/daypass/daypass/pkg/policy"
)

// S3 stores the objects of a bucket in memory and serves the S3 API, path-style. It verifies signature, session,
// payload hash and checksums, and evaluates the session's policies. The bucket belongs to the caller's account, and
// has no bucket policy.
//
// Count counts the operations that were allowed by S3's names ("PutObject" and so on), and "refused" requests.
type S3 struct {
	server
	breakable

	Bucket string
	// Region is the region that requests must be signed for; "" accepts any. Set it before the first request.
	Region string
	// MaxBody is the size limit of a request body, in bytes. The default is 256 MiB.
	MaxBody int64

	sessions *Sessions
	memory   *s3mem.Backend
	storage  http.Handler // gofakes3, which stores and lists without any checks
	// conditional is locked from the check of a precondition to its write.
	conditional sync.Mutex
}

// NewS3 starts an S3 on 127.0.0.1 with one bucket that accepts the credentials in sessions. Call Close when done.
func NewS3(sessions *Sessions, bucket string) (*S3, error) { return startS3(0, sessions, bucket) }

func startS3(port int, sessions *Sessions, bucket string) (*S3, error) {
	s := &S3{Bucket: bucket, Region: homeRegion, MaxBody: 256 << 20, sessions: sessions, memory: s3mem.New()}
	if err := s.memory.CreateBucket(bucket); err != nil {
		return nil, err
	}
	s.storage = gofakes3.New(s.memory, gofakes3.WithLogger(gofakes3.DiscardLog())).Server()
	// A ServeMux would redirect keys that contain .. or // to other keys.
	if err := s.start(http.HandlerFunc(s.serve), port); err != nil {
		return nil, err
	}
	return s, nil
}

// Object returns the data and content type of a stored object. ok is false if there is no such key.
func (s *S3) Object(key string) (data []byte, contentType string, ok bool) {
	data, metadata, ok := s.stored(s.Bucket, key)
	return data, metadata["Content-Type"], ok
}

// stored returns an object and its metadata.
func (s *S3) stored(bucket, key string) (data []byte, metadata map[string]string, ok bool) {
	object, err := s.memory.GetObject(bucket, key, nil)
	if err != nil {
		return nil, nil, false
	}
	defer object.Contents.Close()
	data, err = io.ReadAll(object.Contents)
	return data, object.Metadata, err == nil
}

// s3Request is a request, its caller, and the context for policies.
type s3Request struct {
	operation
	r       *http.Request
	session Session
	sig     signature
	context policy.Context
	explain func(why string) // notes in the log which statement decided
}

func (s *S3) serve(w http.ResponseWriter, r *http.Request) {
	if s.Region != "" {
		w.Header().Set("X-Amz-Bucket-Region", s.Region)
	}
	fault := s.failing()
	if !s.wait(r.Context(), fault.Delay) || fault.writePage(w, r) {
		return
	}
	err := fault.awsError()
	if err == nil {
		err = s.answer(w, r)
	}
	if err != nil {
		s.count("refused")
		s.refuse(w, r, err)
	}
}

// answer handles the request, or returns the refusal without writing anything.
func (s *S3) answer(w http.ResponseWriter, r *http.Request) *awsError {
	payload, fault := payloadOf(r)
	if fault != nil {
		return fault
	}
	g := guard{sessions: s.sessions, service: "s3", region: s.Region, now: s.Now}
	session, sig, err := g.admit(r, payload)
	if err != nil {
		return s.s3Error(err)
	}
	r.URL.RawQuery = unsigned(r.URL.Query()).Encode()
	v := s3Request{operation: operationOf(r), r: r, session: session, sig: sig, explain: explainer(r.Context())}
	v.context = s.contextOf(v)
	if fault := s.admit(v); fault != nil {
		return fault
	}
	data, trailers, err := s.body(r, payload, sig)
	if err != nil {
		return s.s3Error(err)
	}
	if v.carriesOwnData() {
		checksums := []http.Header{r.Header, trailers}
		if fault := faultOfChecksums(data, checksums...); fault != nil {
			return fault
		}
		if !moveChecksums(checksums, w.Header()) && v.name == "PutObject" {
			addChecksum(data, w.Header())
		}
	}
	forStorage(r, data)
	return s.act(w, v, data)
}

// admit checks that the operation and the bucket exist and that the policies allow the request.
func (s *S3) admit(v s3Request) *awsError {
	if v.name == "" {
		return notImplemented()
	}
	exists, _ := s.memory.BucketExists(v.bucket)
	if !exists && v.bucket != "" && v.name != "CreateBucket" {
		return noSuchBucket() // before any permission is checked (assumed)
	}
	if owner := v.r.Header.Get("X-Amz-Expected-Bucket-Owner"); owner != "" && owner != accountOf(v.session.RoleARN) {
		return accessDenied()
	}
	// Like every bucket since April 2023 this one has ACLs disabled, which is checked first (assumed). Even "private"
	// is refused, which rclone up to 1.60 sends by default.
	if acl := v.r.Header.Get("X-Amz-Acl"); acl != "" && acl != "bucket-owner-full-control" {
		return &awsError{http.StatusBadRequest, "AccessControlListNotSupported", "The bucket does not allow ACLs"}
	}
	if v.name == "PutObjectTagging" {
		return nil // tagging checks the permissions after reading the body: policies may name its tags
	}
	if fault := v.refusal(v.required()...); fault != nil {
		return fault
	}
	if v.reads() && !s.has(v.bucket, v.key) {
		return v.missing(v.bucket, v.key)
	}
	return nil
}

func (s *S3) has(bucket, key string) bool {
	_, err := s.memory.HeadObject(bucket, key)
	return err == nil
}

// act performs the request after it was allowed.
func (s *S3) act(w http.ResponseWriter, v s3Request, data []byte) *awsError {
	switch v.name {
	case "CopyObject", "UploadPartCopy":
		return s.copy(w, v)
	case "DeleteObjects":
		return s.deleteObjects(w, v, data)
	case "PutObjectTagging", "DeleteObjectTagging", "GetObjectTagging":
		return s.tagging(w, v, data)
	case "GetBucketLocation":
		s.count(v.name)
		writeS3(w, locationXML{Region: locationConstraint(s.Region)})
		return nil
	case "CreateBucket":
		if exists, _ := s.memory.BucketExists(v.bucket); exists {
			return &awsError{http.StatusConflict, "BucketAlreadyOwnedByYou",
				"Your previous request to create the named bucket succeeded and you already own it."}
		}
	case "ListObjects", "ListObjectsV2":
		v.r.URL.RawQuery = continued(v.r.URL.Query()).Encode()
	case "PutObject", "CreateMultipartUpload":
		if _, err := parseTagging(v.r.Header.Get(taggingHeader)); err != nil {
			return err
		}
		s.clearReplaced(v)
	}
	return s.store(w, v)
}

// store passes the request to storage, and applies the preconditions that storage does not know.
func (s *S3) store(w http.ResponseWriter, v s3Request) *awsError {
	if v.r.Header.Get("If-Match") != "" || v.r.Header.Get("If-None-Match") != "" {
		s.conditional.Lock()
		defer s.conditional.Unlock()
		if fault := s.precondition(v); fault != nil {
			return fault
		}
	}
	s.count(v.name)
	answer := &storedAnswer{ResponseWriter: w}
	if v.name == "ListMultipartUploads" {
		answer.missing = noUploadsXML{Bucket: v.bucket, Prefix: v.r.URL.Query().Get("prefix")}
	}
	if fault := s.recovered(answer, v.r); fault != nil {
		return fault
	}
	answer.WriteHeader(http.StatusOK) // if storage wrote nothing
	return nil
}

// recovered calls storage and recovers from its panic. Storage panics, before it writes anything, when a listing of
// parts starts after the last part: the client gets an error instead of a closed connection.
func (s *S3) recovered(w http.ResponseWriter, r *http.Request) (fault *awsError) {
	defer func() {
		if recover() != nil {
			fault = &awsError{http.StatusInternalServerError, "InternalError", "We encountered an internal error. Please try again."}
		}
	}()
	s.storage.ServeHTTP(w, r)
	return nil
}
