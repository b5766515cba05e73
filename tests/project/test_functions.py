"""The functions of SAM and CloudFormation templates and of serverless.yml, and the targets that they become."""

import pytest

from wheelpin.project.functions import Function, PassedOver, functions_of_serverless, functions_of_template
from wheelpin.project.yaml_text import YamlError, parse_yaml

SAM = """
AWSTemplateFormatVersion: 2010-09-09
Transform: AWS::Serverless-2016-10-31
Parameters:
  PythonRuntime: { Type: String, Default: python3.11 }
  Arch: { Type: String }
Globals:
  Function:
    Runtime: python3.12
    Architectures: [arm64]
    Environment:
      Variables:
        TABLE: !Ref Table
        ARN: !Sub "arn:aws:s3:::${Bucket}/*"
        More: !Transform { Name: "AWS::Include", Parameters: { Location: !Ref Place } }
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
Resources:
  Plain:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/plain/
      Handler: app.handler
      Role: !GetAtt Role.Arn
  Old:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: !Ref PythonRuntime
      Architectures: [x86_64]
      CodeUri: s3://bucket/code.zip
  Classic:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.9
      Code: { ZipFile: !Join ["\\n", [a, b]] }
  Script:
    Type: AWS::Serverless::Function
    Properties: { Runtime: nodejs20.x }
  Image:
    Type: AWS::Serverless::Function
    Properties: { PackageType: Image }
  Unsure:
    Type: AWS::Serverless::Function
    Properties: { Runtime: !If [IsProd, python3.12, python3.13] }
  Unset:
    Type: AWS::Serverless::Function
    Properties: { Architectures: [!Ref Arch] }
  Future:
    Type: AWS::Serverless::Function
    Properties: { Runtime: python9.9 }
  Nothing:
    Type: AWS::Lambda::Function
  Table:
    Type: AWS::DynamoDB::Table
"""


def test_functions_of_a_template_have_the_runtimes_and_architectures_that_it_says() -> None:
    assert list(functions_of_template(parse_yaml(SAM, "template.yaml"))) == [
        Function(name="Plain", preset="aws-lambda-python3.12-arm64", folder="src/plain/"),
        Function(name="Old", preset="aws-lambda-python3.11-x86_64"),
        Function(name="Classic", preset="aws-lambda-python3.9-x86_64"),
        PassedOver(name="Image", reason="it is a container image"),
        PassedOver(
            name="Unsure", reason="only its deployment knows what Fn::If ['IsProd', 'python3.12', 'python3.13'] is"
        ),
        PassedOver(name="Unset", reason="only its deployment knows what Ref Arch is"),
        PassedOver(name="Future", reason="wheelpin has no preset for python9.9 on aws, arm64"),
        PassedOver(name="Nothing", reason="it names no runtime"),
    ]


SERVERLESS = """
service: mine
frameworkVersion: "3"
provider:
  name: aws
  runtime: python3.10
  stage: ${opt:stage, 'dev'}
functions:
  plain: { handler: handler.main }
  arm: { handler: handler.arm, architecture: arm64, runtime: python3.13, module: arm }
  node: { handler: index.main, runtime: nodejs20.x }
  open: { handler: handler.open, runtime: "${self:custom.runtime}" }
  boxed: { image: repository/image }
custom:
  pythonRequirements: { fileName: requirements-aws.txt }
"""


def test_functions_of_serverless_have_the_runtimes_and_architectures_that_it_says() -> None:
    assert list(functions_of_serverless(parse_yaml(SERVERLESS, "serverless.yml"))) == [
        Function(name="plain", preset="aws-lambda-python3.10-x86_64", requirements="requirements-aws.txt"),
        Function(name="arm", preset="aws-lambda-python3.13-arm64", folder="arm", requirements="requirements-aws.txt"),
        PassedOver(name="open", reason="only its deployment knows what ${self:custom.runtime} is"),
        PassedOver(name="boxed", reason="it is a container image"),
    ]


@pytest.mark.parametrize(
    ("text", "presets"),
    [
        pytest.param(
            "provider: {name: google, runtime: python312}\nfunctions: {a: {}}", ["gcf-python3.12"], id="Google Cloud"
        ),
        pytest.param(
            "provider: {name: azure, runtime: python3.11}\nfunctions: {a: {}}",
            ["azure-functions-python3.11"],
            id="Azure",
        ),
        pytest.param(
            "provider: aws\nfunctions: [{a: {runtime: python3.12}}, {b: {runtime: python3.13}}]",
            ["aws-lambda-python3.12-x86_64", "aws-lambda-python3.13-x86_64"],
            id="a list of functions, the provider by its name alone",
        ),
    ],
)
def test_other_shapes_of_serverless_are_read(text: str, presets: list[str]) -> None:
    found = functions_of_serverless(parse_yaml(text, "serverless.yml"))
    assert [each.preset for each in found if isinstance(each, Function)] == presets


def test_functions_in_another_file_are_said() -> None:
    (only,) = functions_of_serverless(parse_yaml("functions: ${file(functions.yml)}", "serverless.yml"))
    assert isinstance(only, PassedOver)
    assert "only serverless can read" in only.reason


@pytest.mark.parametrize("text", ["", "just text", "- a\n- b", "Resources: []", "functions: 3", "provider: [1]"])
def test_what_is_something_else_has_no_functions(text: str) -> None:
    tree = parse_yaml(text, "x.yml")
    assert [*functions_of_template(tree), *functions_of_serverless(tree)] == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("a: b\nc: [", r"^x\.yml, line \d: no valid YAML: ", id="broken"),
        pytest.param("a: 2001-99-99", r"^x\.yml: no valid YAML: month must be", id="no date"),
        pytest.param("a: !!python/object/apply:os.system [ls]", r"could not determine a constructor", id="an object"),
        pytest.param("a: \x01", r"^x\.yml: no valid YAML: ", id="control character"),
        pytest.param("[" * 2000, r"^x\.yml: no valid YAML: ", id="too deep"),
    ],
)
def test_what_is_no_yaml_is_said_with_its_place(text: str, said: str) -> None:
    with pytest.raises(YamlError, match=said):
        parse_yaml(text, "x.yml")
