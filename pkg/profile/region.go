package profile

import "strings"

// customRegion signs requests to endpoints that have no region of their own, as S3-compatible servers
// expect it.
const customRegion = "us-east-1"

// region is the flag's or profile's, then AWS_REGION, then AWS_DEFAULT_REGION.
func (b *builder) region(p Profile) string {
	region := b.text("region")
	if region == "" {
		region = b.env("region", "AWS_REGION")
	}
	if region == "" {
		region = b.env("region", "AWS_DEFAULT_REGION")
	}
	needsSTS := p.Role.ARN != "" && p.Endpoints.STS == ""
	needsS3 := p.Upload.Bucket != "" && p.Endpoints.S3 == ""
	needsCognito := p.IdentityPool.ID != "" && p.Endpoints.CognitoIdentity == ""
	switch {
	case region != "":
		ofAWS := needsSTS || needsS3 || needsCognito
		if !validRegion(region) || ofAWS && !awsRegion(region) {
			b.fault("region", "%q is not the name of a region", region).Hint = "such as us-east-1"
		}
		return region
	case needsSTS:
		b.fault("region", "missing").Hint = "region in the profile, --region or AWS_REGION: STS is asked there"
	case needsS3:
		b.fault("region", "missing").Hint = "region in the profile, --region or AWS_REGION: the one that the bucket is in"
	case p.IdentityPool.ID != "":
		return p.IdentityPool.Region()
	}
	return customRegion
}

// awsRegion reports whether a name has the shape of AWS's regions, xx-xxxx-N, or is that of a partition
// as a whole, such as aws-global. Which of them there are, changes too often to be known here.
func awsRegion(name string) bool {
	parts := strings.Split(name, "-")
	last := parts[len(parts)-1]
	if parts[0] == "aws" {
		return last == "global"
	}
	return len(parts) >= 3 && len(parts[0]) >= 2 && only(parts[0], "") && last != "" && digits(last)
}

// validRegion accepts what AWS's and other servers' regions look like, and nothing that could lead a
// host name astray.
func validRegion(name string) bool {
	return name != "" && len(name) <= 63 && only(name, "-") && strings.Trim(name, "-") == name
}
