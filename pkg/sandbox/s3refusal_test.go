package sandbox

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

var photos = aws.String("photos")

// s3Statement allows the actions on the object ARN, with a condition unless it is "".
func s3Statement(actions, resource, condition string) string {
	if condition != "" {
		condition = `,"Condition":{` + condition + `}`
	}
	return `{"Effect":"Allow","Action":[` + actions + `],"Resource":"arn:aws:s3:::` + resource + `"` + condition + `}`
}

// everything is the default policy of a row.
const everything = `{"Effect":"Allow","Action":"s3:*","Resource":"*"}`

// Sources: «iam» are sections of the reference page on policies; the others are AWS's own pages in the S3 user guide
// and API reference.
func TestS3RefusesByPolicy(t *testing.T) {
	t.Parallel()
	get := func(key string) func(context.Context, *s3.Client) error {
		return func(ctx context.Context, c *s3.Client) error {
			_, err := c.GetObject(ctx, &s3.GetObjectInput{Bucket: photos, Key: aws.String(key)})
			return err
		}
	}
	upload := func(key string, change func(*s3.PutObjectInput)) func(context.Context, *s3.Client) error {
		return func(ctx context.Context, c *s3.Client) error {
			in := put(key, "x")
			if change != nil {
				change(in)
			}
			_, err := c.PutObject(ctx, in)
			return err
		}
	}
	list := func(prefix string) func(context.Context, *s3.Client) error {
		return func(ctx context.Context, c *s3.Client) error {
			_, err := c.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: photos, Prefix: aws.String(prefix)})
			return err
		}
	}
	ownList := s3Statement(`"s3:ListBucket"`, "photos", `"StringLike":{"s3:prefix":["u/${HOST:sub}/*","u/${HOST:sub}/"]}`)
	own := s3Statement(`"s3:GetObject","s3:PutObject"`, "photos/u/${HOST:sub}/*", "") + "," + ownList
	for _, row := range []struct {
		name, source        string
		permissions, policy string // of the role, of the session
		act                 func(context.Context, *s3.Client) error
		code                string
		status              int
		message             string
	}{
		{"another's prefix", "iam §4", own, "", upload("u/bob/x", nil), "AccessDenied", 403, `s3:PutObject on resource: "arn:aws:s3:::photos/u/bob/x" because no identity-based policy allows the s3:PutObject action`},
		{"a longer subject's prefix", "iam §4", own, "", upload("u/alicex/x", nil), "AccessDenied", 403, ""},
		{"the prefix without its slash", "iam §4", own, "", upload("u/alice", nil), "AccessDenied", 403, ""},
		{"another's listing", "iam §4", own, "", list("u/bob/"), "AccessDenied", 403, "s3:ListBucket"},
		{"everybody's listing", "iam §4", own, "", list(""), "AccessDenied", 403, ""},
		{"a shorter prefix's listing", "iam §4", own, "", list("u/alice"), "AccessDenied", 403, ""},
		{"a variable that nobody has", "iam §4", s3Statement(`"s3:PutObject"`, "photos/u/${cognito-identity.amazonaws.com:sub}/*", ""), "", upload("u//x", nil), "AccessDenied", 403, ""},
		{"a variable in an old policy", "iam §3.8", `{"Statement":[` + s3Statement(`"s3:PutObject"`, "photos/u/${HOST:sub}/*", "") + `]}`, "", upload("u/alice/x", nil), "AccessDenied", 403, ""},
		{"the e-mail address after assumption", "iam §1", s3Statement(`"s3:PutObject"`, "photos/${HOST:email}/*", ""), "", upload("a@example.com/x", nil), "AccessDenied", 403, ""},
		{"an explicit deny", "reference_policies_evaluation-logic", everything + `,{"Effect":"Deny","Action":"s3:PutObject","Resource":"*"}`, "", upload("x", nil), "AccessDenied", 403, "with an explicit deny in an identity-based policy"},
		{"the session policy says nothing of it", "access_policies, «Session policies»", everything, s3Statement(`"s3:GetObject"`, "*", ""), upload("x", nil), "AccessDenied", 403, "because no session policy allows the s3:PutObject action"},
		{"the session policy denies it", "access_policies, «Session policies»", everything, everything + `,{"Effect":"Deny","Action":"s3:Put*","Resource":"*"}`, upload("x", nil), "AccessDenied", 403, "with an explicit deny in a session policy"},
		{"the session policy allows more than the role", "access_policies, «Session policies»", own, everything, upload("x", nil), "AccessDenied", 403, "no identity-based policy"},
		{"no permissions at all", "reference_policies_evaluation-logic", "", "", upload("x", nil), "AccessDenied", 403, ""},
		{"not over TLS", "iam §4", everything + `,{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`, "", get("x"), "AccessDenied", 403, "explicit deny"},
		{"a session of before", "sts §2, revoking", everything + `,{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"DateLessThan":{"aws:TokenIssueTime":"2999-01-01T00:00:00Z"}}}`, "", upload("x", nil), "AccessDenied", 403, ""},
		{"another source address", "reference_policies_condition-keys", s3Statement(`"s3:*"`, "*", `"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}`), "", upload("x", nil), "AccessDenied", 403, ""},
		{"a missing key that may not be listed", "GetObject, «Permissions»", s3Statement(`"s3:GetObject"`, "*", ""), "", get("nothing"), "AccessDenied", 403, "s3:ListBucket"},
		{"a missing key that may be listed", "GetObject, «Permissions»", everything, "", get("nothing"), "NoSuchKey", 404, ""},
		{"a missing key under the own prefix", "GetObject, «Permissions» (assumed: the condition)", own, "", get("u/alice/nothing"), "NoSuchKey", 404, ""},
		{"no such bucket", "ErrorResponses (assumed: before permissions)", "", "", func(ctx context.Context, c *s3.Client) error {
			_, err := c.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: aws.String("nobody")})
			return err
		}, "NoSuchBucket", 404, ""},
		{"tags without s3:PutObjectTagging", "iam §5", s3Statement(`"s3:PutObject"`, "*", ""), "", upload("x", func(in *s3.PutObjectInput) { in.Tagging = aws.String("a=b") }), "AccessDenied", 403, "s3:PutObjectTagging"},
		{"a tag that may not be given", "list_amazons3, s3:RequestObjectTag", s3Statement(`"s3:*"`, "*", `"StringEquals":{"s3:RequestObjectTag/a":"c"}`), "", upload("x", func(in *s3.PutObjectInput) { in.Tagging = aws.String("a=b") }), "AccessDenied", 403, ""},
		{"a write without its condition", "conditional-writes-enforce", s3Statement(`"s3:*"`, "*", `"Null":{"s3:if-none-match":"false"}`), "", upload("x", nil), "AccessDenied", 403, ""},
		{"an ACL", "about-object-ownership", everything, "", upload("x", func(in *s3.PutObjectInput) { in.ACL = types.ObjectCannedACLPublicRead }), "AccessControlListNotSupported", 400, "The bucket does not allow ACLs"},
		{"another bucket owner", "iam §5 ExpectedBucketOwner", everything, "", upload("x", func(in *s3.PutObjectInput) { in.ExpectedBucketOwner = aws.String("999999999999") }), "AccessDenied", 403, ""},
		{"eleven tags", "object-tagging", everything, "", upload("x", func(in *s3.PutObjectInput) { in.Tagging = aws.String("a=&b=&c=&d=&e=&f=&g=&h=&i=&j=&k=") }), "BadRequest", 400, "greater than 10"},
		{"a listing with too much", "list_amazons3, s3:max-keys", s3Statement(`"s3:ListBucket"`, "photos", `"NumericLessThanEquals":{"s3:max-keys":"10"}`), "", func(ctx context.Context, c *s3.Client) error {
			_, err := c.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: photos, MaxKeys: aws.Int32(11)})
			return err
		}, "AccessDenied", 403, ""},
		{"the list of buckets", "ListBuckets", own, "", func(ctx context.Context, c *s3.Client) error {
			_, err := c.ListBuckets(ctx, &s3.ListBucketsInput{})
			return err
		}, "AccessDenied", 403, "s3:ListAllMyBuckets"},
		{"the location", "GetBucketLocation", own, "", func(ctx context.Context, c *s3.Client) error {
			_, err := c.GetBucketLocation(ctx, &s3.GetBucketLocationInput{Bucket: photos})
			return err
		}, "AccessDenied", 403, "s3:GetBucketLocation"},
		{"a bucket that is there", "CreateBucket", everything, "", func(ctx context.Context, c *s3.Client) error {
			_, err := c.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: photos})
			return err
		}, "BucketAlreadyOwnedByYou", 409, ""},
		{"a multipart upload elsewhere", "iam §5 MPU", own, "", func(ctx context.Context, c *s3.Client) error {
			_, err := c.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: photos, Key: aws.String("u/bob/x")})
			return err
		}, "AccessDenied", 403, "s3:PutObject"},
		{"aborting without its permission", "iam §5 MPU", own, "", func(ctx context.Context, c *s3.Client) error {
			_, err := c.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: photos, Key: aws.String("u/alice/x"), UploadId: aws.String("1")})
			return err
		}, "AccessDenied", 403, "s3:AbortMultipartUpload"},
		{"the parts without their permission", "iam §5 MPU", own, "", func(ctx context.Context, c *s3.Client) error {
			_, err := c.ListParts(ctx, &s3.ListPartsInput{Bucket: photos, Key: aws.String("u/alice/x"), UploadId: aws.String("1")})
			return err
		}, "AccessDenied", 403, "s3:ListMultipartUploadParts"},
		{"the uploads without their permission", "iam §5 MPU", own, "", func(ctx context.Context, c *s3.Client) error {
			_, err := c.ListMultipartUploads(ctx, &s3.ListMultipartUploadsInput{Bucket: photos, Prefix: aws.String("u/alice/")})
			return err
		}, "AccessDenied", 403, "s3:ListBucketMultipartUploads"},
		{"no such upload", "ErrorResponses", everything, "", func(ctx context.Context, c *s3.Client) error {
			_, err := c.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: photos, Key: aws.String("x"), UploadId: aws.String("77")})
			return err
		}, "NoSuchUpload", 404, ""},
		{"a copy of another's", "CopyObject, «Permissions»", own, "", func(ctx context.Context, c *s3.Client) error {
			_, err := c.CopyObject(ctx, &s3.CopyObjectInput{Bucket: photos, Key: aws.String("u/alice/x"), CopySource: aws.String("photos/u/bob/x")})
			return err
		}, "AccessDenied", 403, `s3:GetObject on resource: "arn:aws:s3:::photos/u/bob/x"`},
		{"a copy to another's", "CopyObject, «Permissions»", own, "", func(ctx context.Context, c *s3.Client) error {
			_, err := c.CopyObject(ctx, &s3.CopyObjectInput{Bucket: photos, Key: aws.String("u/bob/x"), CopySource: aws.String("photos/u/alice/x")})
			return err
		}, "AccessDenied", 403, "s3:PutObject"},
		{"a copy of nothing", "CopyObject", everything, "", func(ctx context.Context, c *s3.Client) error {
			_, err := c.CopyObject(ctx, &s3.CopyObjectInput{Bucket: photos, Key: aws.String("x"), CopySource: aws.String("photos/nothing")})
			return err
		}, "NoSuchKey", 404, ""},
		{"a copy of a part of another's", "UploadPartCopy, «Permissions»", own, "", func(ctx context.Context, c *s3.Client) error {
			_, err := c.UploadPartCopy(ctx, &s3.UploadPartCopyInput{Bucket: photos, Key: aws.String("u/alice/x"), UploadId: aws.String("1"), PartNumber: aws.Int32(1), CopySource: aws.String("photos/u/bob/x")})
			return err
		}, "AccessDenied", 403, "s3:GetObject"},
		{"deleting without permission", "DeleteObject", own, "", func(ctx context.Context, c *s3.Client) error {
			_, err := c.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: photos, Key: aws.String("u/alice/x")})
			return err
		}, "AccessDenied", 403, "s3:DeleteObject"},
		{"a version without its permission", "GetObject, «Permissions»", s3Statement(`"s3:GetObject"`, "*", ""), "", func(ctx context.Context, c *s3.Client) error {
			_, err := c.GetObject(ctx, &s3.GetObjectInput{Bucket: photos, Key: aws.String("x"), VersionId: aws.String("null")})
			return err
		}, "AccessDenied", 403, "s3:GetObjectVersion"},
		{"tags without permission", "GetObjectTagging", s3Statement(`"s3:GetObject"`, "*", ""), "", func(ctx context.Context, c *s3.Client) error {
			_, err := c.GetObjectTagging(ctx, &s3.GetObjectTaggingInput{Bucket: photos, Key: aws.String("x")})
			return err
		}, "AccessDenied", 403, "s3:GetObjectTagging"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			b := newRoleBench(t, openTrust, row.permissions)
			session, err := b.assume(claims{"email": "a@example.com"}, func(in *webIdentityInput) {
				if row.policy != "" {
					in.Policy = aws.String(string(b.text(row.policy)))
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			err = row.act(t.Context(), s3Client(b.s3, session))
			wantRefusal(t, row.source, err, row.code, row.status, row.message)
		})
	}
}

// presigned signs a URL by hand, also ones that the SDK would not sign.
func presigned(t *testing.T, s *S3, session Session, expires string, at time.Time, change func(*http.Request)) *http.Request {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL()+"/photos/"+uriEncode(own, "/")+"?X-Amz-Expires="+expires, nil)
	if err != nil {
		t.Fatal(err)
	}
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
	signed, _, err := signer.PresignHTTP(t.Context(), credentialsOf(session), request, unsignedPayload, "s3", "us-east-1", at)
	if err != nil {
		t.Fatal(err)
	}
	if request.URL, err = url.Parse(signed); err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(request)
	}
	return request
}

func TestS3Presigned(t *testing.T) {
	t.Parallel()
	s := newS3(t)
	session, now := aliceSession(s), time.Now()
	if _, err := s3Client(s, session).PutObject(t.Context(), put(own, "hello")); err != nil {
		t.Fatal(err)
	}
	ended := sessionWith(s, ownPermissions()...)
	ended.Expiration = now.Add(-time.Second)
	s.sessions.byKey[ended.AccessKeyID] = ended
	query := func(name, value string) func(*http.Request) {
		return func(r *http.Request) {
			q := r.URL.Query()
			if q.Set(name, value); value == "" {
				q.Del(name)
			}
			r.URL.RawQuery = q.Encode()
		}
	}
	for name, row := range map[string]struct {
		session Session
		expires string
		at      time.Time
		change  func(*http.Request)
		status  int
		code    string
	}{
		"good":                      {session, "60", now, nil, 200, ""},
		"expired":                   {session, "60", now.Add(-61 * time.Second), nil, 403, "AccessDenied</Code><Message>Request has expired"},
		"of the future":             {session, "60", now.Add(16 * time.Minute), nil, 403, "AccessDenied</Code><Message>Request is not valid yet"},
		"for more than a week":      {session, "604801", now, nil, 400, "AuthorizationQueryParametersError"},
		"for less than nothing":     {session, "-1", now, nil, 400, "AuthorizationQueryParametersError"},
		"for a word":                {session, "soon", now, nil, 400, "AuthorizationQueryParametersError"},
		"without a signature":       {session, "60", now, query("X-Amz-Signature", ""), 400, "AuthorizationQueryParametersError"},
		"with another signature":    {session, "60", now, query("X-Amz-Signature", strings.Repeat("0", 64)), 403, "SignatureDoesNotMatch"},
		"with more in the query":    {session, "60", now, query("response-content-type", "text/html"), 403, "SignatureDoesNotMatch"},
		"for longer than signed":    {session, "60", now, query("X-Amz-Expires", "600"), 403, "SignatureDoesNotMatch"},
		"with another token":        {session, "60", now, query("X-Amz-Security-Token", "x"), 400, "InvalidToken"},
		"with a header added":       {session, "60", now, func(r *http.Request) { r.Header.Set("X-Amz-Acl", "public-read") }, 403, "AccessDenied"},
		"with a header's signature": {session, "60", now, func(r *http.Request) { r.Header.Set("Authorization", "AWS4-HMAC-SHA256 x") }, 400, "InvalidArgument"},
		"for another method":        {session, "60", now, func(r *http.Request) { r.Method = http.MethodDelete }, 403, "SignatureDoesNotMatch"},
		"by a session that ended":   {ended, "600", now, nil, 400, "ExpiredToken"},
	} {
		response, err := http.DefaultClient.Do(presigned(t, s, row.session, row.expires, row.at, row.change))
		if err != nil {
			t.Fatal(err)
		}
		page, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil || response.StatusCode != row.status || !strings.Contains(string(page), row.code) {
			t.Errorf("a URL %s: %d, %v %s, want %d %s", name, response.StatusCode, err, page, row.status, row.code)
		}
	}
}

// The SDK's presigner, for a download and an upload.
func TestS3PresignedBySDK(t *testing.T) {
	t.Parallel()
	s := newS3(t)
	signer := s3.NewPresignClient(s3Client(s, aliceSession(s)))
	up, err := signer.PresignPutObject(t.Context(), &s3.PutObjectInput{Bucket: photos, Key: aws.String(own)})
	if err != nil {
		t.Fatal(err)
	}
	down, err := signer.PresignGetObject(t.Context(), &s3.GetObjectInput{Bucket: photos, Key: aws.String(own), ResponseContentType: aws.String("text/x")})
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct{ method, url, body string }{{"PUT", up.URL, "hello"}, {"GET", down.URL, ""}} {
		request, err := http.NewRequestWithContext(t.Context(), step.method, step.url, strings.NewReader(step.body))
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		page, _ := io.ReadAll(response.Body)
		response.Body.Close()
		if response.StatusCode != 200 || step.method == "GET" && (string(page) != "hello" || response.Header.Get("Content-Type") != "text/x") {
			t.Errorf("%s: %d %s %v", step.method, response.StatusCode, page, response.Header)
		}
	}
}
