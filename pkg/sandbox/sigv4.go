package sandbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// AWS Signature Version 4: «Create a signed AWS API request» in the IAM User Guide. SigV4A signatures are not
// supported.
const (
	sigV4Algorithm = "AWS4-HMAC-SHA256"
	sigV4Time      = "20060102T150405Z"
	maxClockSkew   = 15 * time.Minute
)

// signature is a parsed Authorization header, or its equivalent in a query.
type signature struct {
	accessKeyID   string
	day           string
	region        string
	service       string
	signedHeaders []string
	value         string
	time          string // X-Amz-Date
	at            time.Time
	token         string // X-Amz-Security-Token
	presigned     bool
	lasts         time.Duration // lifetime of a presigned URL
	key           []byte        // derived from the secret; signs the chunks too
}

func (s signature) scope() string {
	return s.day + "/" + s.region + "/" + s.service + "/aws4_request"
}

// signatureOf returns the signature of a request. Only S3 accepts one in the query.
func signatureOf(r *http.Request, service string) (signature, error) {
	header := r.Header.Get("Authorization")
	switch {
	case service == "s3" && isPresigned(r) && header != "":
		return signature{}, errTwoSignatures
	case service == "s3" && isPresigned(r):
		return parsePresigned(r.URL.Query())
	case header == "":
		return signature{}, errUnsigned
	}
	return parseSignature(r, header)
}

func parseSignature(r *http.Request, header string) (signature, error) {
	rest, ok := strings.CutPrefix(header, sigV4Algorithm+" ")
	if !ok {
		return signature{}, errMalformed
	}
	fields := map[string]string{}
	for _, field := range strings.Split(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(field), "=")
		fields[name] = value
	}
	scope := strings.Split(fields["Credential"], "/")
	if len(scope) != 5 || scope[4] != "aws4_request" || len(fields["Signature"]) != 64 {
		return signature{}, errMalformed
	}
	return signature{accessKeyID: scope[0], day: scope[1], region: scope[2], service: scope[3],
		signedHeaders: strings.Split(fields["SignedHeaders"], ";"), value: fields["Signature"],
		time: r.Header.Get("X-Amz-Date"), token: r.Header.Get("X-Amz-Security-Token")}, nil
}

// coversAll reports whether host and every x-amz- header are signed, as AWS requires.
func (s signature) coversAll(header http.Header) bool {
	signed := s.signedHeaders
	for name := range header {
		name = strings.ToLower(name)
		if strings.HasPrefix(name, "x-amz-") && !slices.Contains(signed, name) {
			return false
		}
	}
	return slices.Contains(signed, "host") && (s.presigned || slices.Contains(signed, "x-amz-date"))
}

// canonicalRequest returns the canonical request. S3 encodes the path once; the other services only have the path /.
func canonicalRequest(r *http.Request, sig signature, payloadHash string) string {
	var headers strings.Builder
	for _, name := range sig.signedHeaders {
		values := slices.Clone(r.Header.Values(name))
		if name == "host" {
			values = []string{r.Host}
		}
		for i, value := range values {
			values[i] = strings.Join(strings.Fields(value), " ")
		}
		headers.WriteString(name + ":" + strings.Join(values, ",") + "\n")
	}
	query := r.URL.Query()
	query.Del("X-Amz-Signature")
	return strings.Join([]string{r.Method, uriEncode(r.URL.Path, "/"), canonicalQuery(query),
		headers.String(), strings.Join(sig.signedHeaders, ";"), payloadHash}, "\n")
}

func canonicalQuery(query url.Values) string {
	var pairs []string
	for name, values := range query {
		for _, value := range values {
			pairs = append(pairs, uriEncode(name, "")+"="+uriEncode(value, ""))
		}
	}
	slices.Sort(pairs)
	return strings.Join(pairs, "&")
}

// uriEncode escapes every byte except the unreserved ones of RFC 3986 and those in keep.
func uriEncode(s, keep string) string {
	const unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if c := s[i]; strings.IndexByte(unreserved, c) >= 0 || strings.IndexByte(keep, c) >= 0 {
			b.WriteByte(c)
		} else {
			b.Write([]byte{'%', digits[c>>4], digits[c&15]})
		}
	}
	return b.String()
}

// sign signs the lines that follow algorithm, time and scope in a string to sign.
func (s signature) sign(algorithm string, lines ...string) string {
	text := strings.Join(append([]string{algorithm, s.time, s.scope()}, lines...), "\n")
	return hex.EncodeToString(hmacSHA256(s.key, text))
}

func signingKeyOf(secretAccessKey string, s signature) []byte {
	key := []byte("AWS4" + secretAccessKey)
	for _, part := range []string{s.day, s.region, s.service, "aws4_request"} {
		key = hmacSHA256(key, part)
	}
	return key
}

func hmacSHA256(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

func hexHash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
