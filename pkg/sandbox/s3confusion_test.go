package sandbox

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/daypass/daypass/pkg/policy"
)

// signedRequest sends requests that no SDK would send.
func signedRequest(t *testing.T, s *S3, session Session, method, target, body string, header http.Header) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL()+target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range header {
		req.Header[name] = values
	}
	hash := hexHash([]byte(body))
	req.Header.Set("X-Amz-Content-Sha256", hash)
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
	if err := signer.SignHTTP(t.Context(), credentialsOf(session), req, hash, "s3", "us-east-1", time.Now()); err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(page)
}

// S3's checks and its storage must agree on the operation: ambiguous requests are refused, even for a session that
// may do everything.
func TestS3RefusesAmbiguousSubresources(t *testing.T) {
	t.Parallel()
	s := newS3(t)
	session := sessionWith(s, policy.Statement{Effect: policy.Allow, Action: []string{"s3:*"}, Resource: []string{"*"}})
	mustPut(t, s3Client(s, session), put("x", "hello"))
	for _, row := range []struct{ method, target string }{
		{"GET", "/photos/x?uploadId="},
		{"DELETE", "/photos/x?uploadId="},
		{"PUT", "/photos/x?partNumber=1&uploadId="},
		{"PUT", "/photos/x?uploadId=1"},
		{"PUT", "/photos/x?versioning="},
		{"GET", "/photos/x?versioning="},
		{"POST", "/photos/x?uploadId=1&uploads="},
		{"GET", "/photos?uploads=&versioning="},
		{"GET", "/photos?uploadId=1"},
		{"GET", "/photos?tagging="},
		{"PUT", "/photos?tagging="},
		{"GET", "/?uploads="},
		{"GET", "/?versioning="},
	} {
		if status, page := signedRequest(t, s, session, row.method, row.target, "", nil); status != http.StatusNotImplemented {
			t.Errorf("%s %s: %d %s, want 501", row.method, row.target, status, page)
		}
	}
	if data, _, ok := s.Object("x"); string(data) != "hello" || !ok {
		t.Errorf("the object is %q, %t", data, ok)
	}
}

// withTag is a condition on a tag.
func withTag(key, value string) []policy.Condition {
	return []policy.Condition{{Operator: "StringEquals", Key: key, Values: []string{value}}}
}

// Reading the source of a copy is allowed by the source's tags, not by those of the object that it replaces.
func TestS3CopyByTagsOfSource(t *testing.T) {
	t.Parallel()
	s := newS3(t)
	owner := ownerClient(t, s)
	for key, tags := range map[string]string{"secret": "class=secret", "open": "class=public", "mine": "class=public"} {
		in := put(key, key)
		in.Tagging = aws.String(tags)
		mustPut(t, owner, in)
	}
	session := sessionWith(s,
		policy.Statement{Effect: policy.Allow, Action: []string{"s3:GetObject", "s3:GetObjectTagging"}, Resource: []string{"*"}, Conditions: withTag("s3:ExistingObjectTag/class", "public")},
		policy.Statement{Effect: policy.Allow, Action: []string{"s3:PutObject", "s3:PutObjectTagging"}, Resource: []string{"arn:aws:s3:::photos/mine"}})
	client := s3Client(s, session)
	copying := func(from string) error {
		_, err := client.CopyObject(t.Context(), &s3.CopyObjectInput{Bucket: photos, Key: aws.String("mine"), CopySource: aws.String("photos/" + from)})
		return err
	}
	wantRefusal(t, "the tag of the source (iam §1)", copying("secret"), "AccessDenied", 403, "s3:GetObject on resource")
	if err := copying("open"); err != nil {
		t.Errorf("a source with the tag: %v", err)
	}
}

// The request tags of PutObjectTagging are those in its body, whatever a header says.
func TestS3TaggingByTagsOfBody(t *testing.T) {
	t.Parallel()
	s := newS3(t)
	mustPut(t, ownerClient(t, s), put("x", "data"))
	session := sessionWith(s, policy.Statement{Effect: policy.Allow, Action: []string{"s3:PutObjectTagging"}, Resource: []string{"*"},
		Conditions: withTag("s3:RequestObjectTag/class", "public")})
	body := "<Tagging><TagSet><Tag><Key>class</Key><Value>secret</Value></Tag></TagSet></Tagging>"
	status, page := signedRequest(t, s, session, http.MethodPut, "/photos/x?tagging=", body, http.Header{taggingHeader: {"class=public"}})
	if status != http.StatusForbidden || len(s.tagsOf("photos", "x")) != 0 {
		t.Errorf("PutObjectTagging: %d %s, tags %v", status, page, s.tagsOf("photos", "x"))
	}
	if _, err := s3Client(s, session).PutObjectTagging(t.Context(), &s3.PutObjectTaggingInput{Bucket: photos, Key: aws.String("x"),
		Tagging: &types.Tagging{TagSet: []types.Tag{{Key: aws.String("class"), Value: aws.String("public")}}}}); err != nil {
		t.Errorf("the tag that the policy wants: %v", err)
	}
}

// Tags in a header that the copy ignores are not request tags.
func TestS3CopyIgnoresTagsOfHeader(t *testing.T) {
	t.Parallel()
	s := newS3(t)
	mustPut(t, ownerClient(t, s), put("x", "data"))
	session := sessionWith(s,
		policy.Statement{Effect: policy.Allow, Action: []string{"s3:GetObject", "s3:PutObjectTagging"}, Resource: []string{"*"}},
		policy.Statement{Effect: policy.Allow, Action: []string{"s3:PutObject"}, Resource: []string{"*"}, Conditions: withTag("s3:RequestObjectTag/class", "public")})
	copying := &s3.CopyObjectInput{Bucket: photos, Key: aws.String("y"), CopySource: aws.String("photos/x"), Tagging: aws.String("class=public")}
	_, err := s3Client(s, session).CopyObject(t.Context(), copying)
	wantRefusal(t, "tags that are not replaced (CopyObject)", err, "AccessDenied", 403, "s3:PutObject on resource")
	copying.TaggingDirective = types.TaggingDirectiveReplace
	if _, err := s3Client(s, session).CopyObject(t.Context(), copying); err != nil {
		t.Errorf("tags that replace: %v", err)
	}
}

// A marker after the last part makes storage panic; the connection stays open.
func TestS3SurvivesStorage(t *testing.T) {
	t.Parallel()
	s := newS3(t)
	session := sessionWith(s, policy.Statement{Effect: policy.Allow, Action: []string{"s3:*"}, Resource: []string{"*"}})
	begun, err := s3Client(s, session).CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{Bucket: photos, Key: aws.String("x")})
	if err != nil {
		t.Fatal(err)
	}
	status, page := signedRequest(t, s, session, http.MethodGet, "/photos/x?part-number-marker=5&uploadId="+*begun.UploadId, "", nil)
	if status != http.StatusInternalServerError || !strings.Contains(page, "InternalError") {
		t.Errorf("ListParts: %d %s", status, page)
	}
}
