package sandbox

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/daypass/daypass/pkg/policy"
)

// ownerClient returns a client that may do everything.
func ownerClient(t *testing.T, s *S3) *s3.Client {
	t.Helper()
	return s3Client(s, sessionWith(s, policy.Statement{Effect: policy.Allow, Action: []string{"s3:*"}, Resource: []string{"*"}}))
}

func mustPut(t *testing.T, client *s3.Client, in *s3.PutObjectInput) *s3.PutObjectOutput {
	t.Helper()
	out, err := client.PutObject(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestS3Preconditions(t *testing.T) {
	t.Parallel()
	s := newS3(t)
	client := ownerClient(t, s)
	etag := mustPut(t, client, put("x", "one")).ETag
	for name, row := range map[string]struct {
		key, match, none, code string
		status                 int
	}{
		"If-None-Match of what is there":     {"x", "", "*", "PreconditionFailed", 412},
		"If-None-Match with an ETag":         {"x", "", `"abc"`, "NotImplemented", 501},
		"If-Match of another ETag":           {"x", `"abc"`, "", "PreconditionFailed", 412},
		"If-Match of nothing":                {"nothing", `"abc"`, "", "NoSuchKey", 404},
		"If-Match of what is there":          {"x", *etag, "", "", 200},
		"If-None-Match of what is not there": {"new", "", "*", "", 200},
	} {
		in := put(row.key, "one")
		if row.match != "" {
			in.IfMatch = aws.String(row.match)
		}
		if row.none != "" {
			in.IfNoneMatch = aws.String(row.none)
		}
		_, err := client.PutObject(t.Context(), in)
		if row.code == "" && err != nil {
			t.Errorf("%s: %v", name, err)
		} else if row.code != "" {
			wantRefusal(t, name+" (conditional-writes)", err, row.code, row.status, "")
		}
	}
	_, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: photos, Key: aws.String("x"), IfMatch: aws.String(`"abc"`)})
	wantRefusal(t, "reading with If-Match (conditional-reads)", err, "PreconditionFailed", 412, "")
	out, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: photos, Key: aws.String("x"), IfMatch: etag, Range: aws.String("bytes=1-1")})
	if err != nil {
		t.Fatal(err)
	}
	if data, _ := io.ReadAll(out.Body); string(data) != "n" {
		t.Errorf("a range with If-Match = %q, want n", data)
	}
}

// The condition of a multipart upload is checked when it is completed.
func TestS3ConditionalComplete(t *testing.T) {
	t.Parallel()
	s := newS3(t)
	client := ownerClient(t, s)
	for _, there := range []bool{false, true} {
		begun, err := client.CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{Bucket: photos, Key: photos, ContentType: aws.String("image/png"), Tagging: aws.String("a=b")})
		if err != nil {
			t.Fatal(err)
		}
		part, err := client.UploadPart(t.Context(), &s3.UploadPartInput{Bucket: photos, Key: photos, UploadId: begun.UploadId, PartNumber: aws.Int32(1), Body: strings.NewReader("x")})
		if err != nil {
			t.Fatal(err)
		}
		_, err = client.CompleteMultipartUpload(t.Context(), &s3.CompleteMultipartUploadInput{Bucket: photos, Key: photos, UploadId: begun.UploadId, IfNoneMatch: aws.String("*"),
			MultipartUpload: &types.CompletedMultipartUpload{Parts: []types.CompletedPart{{ETag: part.ETag, PartNumber: aws.Int32(1)}}}})
		if there {
			wantRefusal(t, "completing over what is there (iam §5)", err, "PreconditionFailed", 412, "")
		} else if err != nil {
			t.Error(err)
		}
	}
	if tags := s.tagsOf("photos", "photos"); len(tags) != 1 || tags[0] != (tag{"a", "b"}) {
		t.Errorf("tags of the upload = %v", tags)
	}
}

func TestS3Tagging(t *testing.T) {
	t.Parallel()
	s := newS3(t)
	client := ownerClient(t, s)
	in := put("x", "data")
	in.Tagging = aws.String("team=photo&b+c=%C3%A9")
	mustPut(t, client, in)
	tags := func() string {
		out, err := client.GetObjectTagging(t.Context(), &s3.GetObjectTaggingInput{Bucket: photos, Key: aws.String("x")})
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for _, tag := range out.TagSet {
			b.WriteString(*tag.Key + "=" + *tag.Value + ";")
		}
		return b.String()
	}
	if got, want := tags(), "b c=é;team=photo;"; got != want {
		t.Errorf("tags = %q, want %q", got, want)
	}
	head, err := client.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: photos, Key: aws.String("x")})
	if err != nil || aws.ToInt32(head.TagCount) != 2 || head.VersionId != nil {
		t.Errorf("HeadObject: %v, TagCount %v, VersionId %v", err, head.TagCount, head.VersionId)
	}
	if _, err := client.PutObjectTagging(t.Context(), &s3.PutObjectTaggingInput{Bucket: photos, Key: aws.String("x"),
		Tagging: &types.Tagging{TagSet: []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}}}}); err != nil {
		t.Fatal(err)
	}
	if got := tags(); got != "k=v;" {
		t.Errorf("tags = %q", got)
	}
	if _, err := client.DeleteObjectTagging(t.Context(), &s3.DeleteObjectTaggingInput{Bucket: photos, Key: aws.String("x")}); err != nil {
		t.Fatal(err)
	}
	if data, contentType, _ := s.Object("x"); tags() != "" || string(data) != "data" || contentType != "text/plain" {
		t.Errorf("after deleting the tags: %q, %s, %q", tags(), contentType, data)
	}
	_, err = client.GetObjectTagging(t.Context(), &s3.GetObjectTaggingInput{Bucket: photos, Key: aws.String("nothing")})
	wantRefusal(t, "tags of nothing", err, "NoSuchKey", 404, "")
}

// An upload replaces all metadata and tags of the previous object.
func TestS3Replaces(t *testing.T) {
	t.Parallel()
	s := newS3(t)
	client := ownerClient(t, s)
	in := put("x", "data")
	in.Metadata, in.Tagging, in.ContentDisposition = map[string]string{"who": "alice"}, aws.String("a=b"), aws.String("inline")
	mustPut(t, client, in)
	in = put("x", "data")
	in.ContentType = nil
	mustPut(t, client, in)
	head, err := client.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: photos, Key: aws.String("x")})
	if err != nil {
		t.Fatal(err)
	}
	if len(head.Metadata) != 0 || head.TagCount != nil || head.ContentDisposition != nil || strings.HasPrefix(*head.ContentType, "text") {
		t.Errorf("metadata %v, tags %v, disposition %v, type %s", head.Metadata, head.TagCount, head.ContentDisposition, *head.ContentType)
	}
}

func TestS3Copies(t *testing.T) {
	t.Parallel()
	s := newS3(t)
	client := ownerClient(t, s)
	in := put("a+b c", "data")
	in.Metadata, in.Tagging = map[string]string{"who": "alice"}, aws.String("a=b")
	etag := mustPut(t, client, in).ETag
	source := aws.String("photos/" + uriEncode("a+b c", "/"))
	copied, err := client.CopyObject(t.Context(), &s3.CopyObjectInput{Bucket: photos, Key: aws.String("same"), CopySource: source, CopySourceIfMatch: etag})
	if err != nil || *copied.CopyObjectResult.ETag != *etag || copied.CopyObjectResult.LastModified == nil {
		t.Fatalf("CopyObject = %v, %v", copied, err)
	}
	if _, err := client.CopyObject(t.Context(), &s3.CopyObjectInput{Bucket: photos, Key: aws.String("other"), CopySource: source, ContentType: aws.String("text/x"),
		MetadataDirective: types.MetadataDirectiveReplace, TaggingDirective: types.TaggingDirectiveReplace, Tagging: aws.String("c=d"), Metadata: map[string]string{"what": "x"}}); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string][4]string{"same": {"alice", "", "text/plain", "a"}, "other": {"", "x", "text/x", "c"}} {
		head, err := client.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: photos, Key: aws.String(key)})
		if err != nil {
			t.Fatal(err)
		}
		if got := [4]string{head.Metadata["who"], head.Metadata["what"], *head.ContentType, s.tagsOf("photos", key)[0].Key}; got != want {
			t.Errorf("%s: %q, want %q", key, got, want)
		}
	}
	_, err = client.CopyObject(t.Context(), &s3.CopyObjectInput{Bucket: photos, Key: aws.String("a+b c"), CopySource: source})
	wantRefusal(t, "onto itself (CopyObject)", err, "InvalidRequest", 400, "copy an object to itself")
	_, err = client.CopyObject(t.Context(), &s3.CopyObjectInput{Bucket: photos, Key: aws.String("x"), CopySource: source, CopySourceIfMatch: aws.String("abc")})
	wantRefusal(t, "with another ETag (CopyObject)", err, "PreconditionFailed", 412, "")
}

func TestS3PartCopy(t *testing.T) {
	t.Parallel()
	s := newS3(t)
	client := ownerClient(t, s)
	mustPut(t, client, put("source", "0123456789"))
	begun, err := client.CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{Bucket: photos, Key: photos})
	if err != nil {
		t.Fatal(err)
	}
	part := &s3.UploadPartCopyInput{Bucket: photos, Key: photos, UploadId: begun.UploadId, PartNumber: aws.Int32(1),
		CopySource: aws.String("photos/source"), CopySourceRange: aws.String("bytes=2-5")}
	copied, err := client.UploadPartCopy(t.Context(), part)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.CompleteMultipartUpload(t.Context(), &s3.CompleteMultipartUploadInput{Bucket: photos, Key: photos, UploadId: begun.UploadId,
		MultipartUpload: &types.CompletedMultipartUpload{Parts: []types.CompletedPart{{ETag: copied.CopyPartResult.ETag, PartNumber: aws.Int32(1)}}}}); err != nil {
		t.Fatal(err)
	}
	if data, _, _ := s.Object("photos"); string(data) != "2345" {
		t.Errorf("copied %q, want 2345", data)
	}
	for _, wrong := range []string{"bytes=2-10", "bytes=5-2", "2-5"} {
		part.CopySourceRange = aws.String(wrong)
		_, err := client.UploadPartCopy(t.Context(), part)
		wantRefusal(t, wrong+" (UploadPartCopy)", err, "InvalidArgument", 400, "")
	}
}

// The policies are evaluated for each key.
func TestS3DeleteObjects(t *testing.T) {
	t.Parallel()
	s := newS3(t)
	owner := ownerClient(t, s)
	keys := []string{own, "uploads/bob/x", own + "2"}
	var objects []types.ObjectIdentifier
	for _, key := range keys {
		mustPut(t, owner, put(key, "x"))
		objects = append(objects, types.ObjectIdentifier{Key: aws.String(key)})
	}
	out, err := s3Client(s, aliceSession(s)).DeleteObjects(t.Context(), &s3.DeleteObjectsInput{Bucket: photos, Delete: &types.Delete{Objects: objects}})
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Deleted) != 2 || len(out.Errors) != 1 || *out.Errors[0].Code != "AccessDenied" || *out.Errors[0].Key != keys[1] {
		t.Errorf("deleted %d, errors %+v, want 2 and bob's", len(out.Deleted), out.Errors)
	}
	for _, key := range keys {
		if _, _, there := s.Object(key); there != (key == keys[1]) {
			t.Errorf("%s is there: %t", key, there)
		}
	}
}

// A bucket without any multipart upload lists none.
func TestS3NoUploads(t *testing.T) {
	t.Parallel()
	s := newS3(t)
	out, err := ownerClient(t, s).ListMultipartUploads(t.Context(), &s3.ListMultipartUploadsInput{Bucket: photos})
	if err != nil || len(out.Uploads) != 0 {
		t.Errorf("ListMultipartUploads = %v, %v, want none", out, err)
	}
}

func TestS3Bucket(t *testing.T) {
	t.Parallel()
	s := newS3(t)
	client := ownerClient(t, s)
	head, err := client.HeadBucket(t.Context(), &s3.HeadBucketInput{Bucket: photos})
	if err != nil || aws.ToString(head.BucketRegion) != "us-east-1" {
		t.Errorf("HeadBucket = %v, %v", head, err)
	}
	if location, err := client.GetBucketLocation(t.Context(), &s3.GetBucketLocationInput{Bucket: photos}); err != nil || location.LocationConstraint != "" {
		t.Errorf("GetBucketLocation = %v, %v", location, err)
	}
	if _, err := client.GetBucketVersioning(t.Context(), &s3.GetBucketVersioningInput{Bucket: photos}); err != nil {
		t.Error(err)
	}
	if list, err := client.ListBuckets(t.Context(), &s3.ListBucketsInput{}); err != nil || len(list.Buckets) != 1 {
		t.Errorf("ListBuckets = %v, %v", list, err)
	}
}

// A request signed for another region gets the right region in the error.
func TestS3TellsRegion(t *testing.T) {
	t.Parallel()
	s := newS3(t)
	s.Region = "eu-central-1"
	status, page := send(t, s, aliceSession(s), unsignedPayload, nil, func(signature) string { return "x" })
	if status != 400 || !strings.Contains(page, "<Region>eu-central-1</Region>") {
		t.Errorf("%d %s", status, page)
	}
}

func TestS3RefusesBodies(t *testing.T) {
	t.Parallel()
	s := newS3(t)
	session := aliceSession(s)
	const crc, other = "NhCmhg==", "AAAAAA==" // of hello
	for name, row := range map[string]struct {
		header http.Header
		code   string
	}{
		"two checksums":       {http.Header{"X-Amz-Checksum-Crc32": {crc}, "X-Amz-Checksum-Crc32c": {"mnG7TA=="}}, "InvalidRequest"},
		"a short checksum":    {http.Header{"X-Amz-Checksum-Crc32": {"AAAA"}}, "InvalidRequest"},
		"another checksum":    {http.Header{"X-Amz-Checksum-Crc32": {other}}, "BadDigest"},
		"another CRC64NVME":   {http.Header{"X-Amz-Checksum-Crc64nvme": {"AAAAAAAAAAA="}}, "BadDigest"},
		"an MD5 that is none": {http.Header{"Content-Md5": {"x"}}, "InvalidDigest"},
		"another MD5":         {http.Header{"Content-Md5": {"AAAAAAAAAAAAAAAAAAAAAA=="}}, "BadDigest"},
	} {
		status, page := send(t, s, session, hexHash([]byte("hello")), row.header, func(signature) string { return "hello" })
		if status != 400 || !strings.Contains(page, "<Code>"+row.code+"</Code>") {
			t.Errorf("%s: %d %s, want %s", name, status, page, row.code)
		}
	}
	s.MaxBody = 4
	_, page := send(t, s, session, unsignedPayload, nil, func(signature) string { return "hello" })
	if !strings.Contains(page, "EntityTooLarge") {
		t.Errorf("5 bytes where 4 are allowed: %s", page)
	}
	if _, _, there := s.Object(own); there {
		t.Error("something was stored")
	}
}

// Listings with pages and with a delimiter.
func TestS3Listing(t *testing.T) {
	t.Parallel()
	s := newS3(t)
	client := ownerClient(t, s)
	for _, key := range []string{"a", "b/1", "b/2", "c"} {
		mustPut(t, client, put(key, "x"))
	}
	var got []string
	pages := s3.NewListObjectsV2Paginator(client, &s3.ListObjectsV2Input{Bucket: photos, Delimiter: aws.String("/"), MaxKeys: aws.Int32(1)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, object := range page.Contents {
			got = append(got, *object.Key)
		}
		for _, prefix := range page.CommonPrefixes {
			got = append(got, *prefix.Prefix)
		}
		if len(got) > 9 {
			break
		}
	}
	if strings.Join(got, " ") != "a b/ c" {
		t.Errorf("listed %q, want a, b/, c", got)
	}
}
