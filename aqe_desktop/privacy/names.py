"""Names of people, and where they live: the place where they stand says what they are, these rule the rest out."""

from __future__ import annotations

import re

from aqe_desktop.privacy.far_names import FAR_GIVEN
from aqe_desktop.privacy.words import words

_PARTICLES = words(
    """
    de da do dos das del della di du la le les van von der den ter ten zu zum zur af av al el bin ibn ben bint abu y
    e i o' d' st st. mc mac san santa
    """
)
"""Words inside names that are written small."""

_TITLES = words(
    """
    mr mrs ms miss mx dr prof sir madam herr frau hr fr m mme mlle monsieur madame sr sra srta señor señora don doña
    sig sigra signor signora dott pan pani dhr mevr mevrouw ing dipl med
    """
)

_SAMPLES = frozenset(
    {
        "john doe",
        "jane doe",
        "john q. public",
        "john smith",
        "jane smith",
        "joe bloggs",
        "joe doe",
        "max mustermann",
        "erika mustermann",
        "foo bar",
        "bar baz",
        "test user",
        "first last",
        "firstname lastname",
        "first name",
        "last name",
        "full name",
        "your name",
        "my name",
        "user name",
        "jean dupont",
        "mario rossi",
        "juan perez",
        "juan pérez",
        "fulano de tal",
        "jan kowalski",
        "jan novák",
        "alice smith",
        "bob smith",
        "иван иванов",
        "张三",
        "李四",
        "王五",
        "山田太郎",
        "山田 太郎",
        "홍길동",
        "ada lovelace",
        "grace hopper",
        "alan turing",
        "albert einstein",
        "isaac newton",
        "mickey mouse",
        "donald duck",
        "lorem ipsum",
        "marco polo",
        "christopher columbus",
        "leonardo da vinci",
        "marie curie",
        "charles darwin",
        "nikola tesla",
        "napoleon bonaparte",
        "william shakespeare",
        "wolfgang amadeus mozart",
        "ludwig van beethoven",
        "johann sebastian bach",
        "abraham lincoln",
        "george washington",
        "martin luther king",
        "nelson mandela",
        "winston churchill",
        "karl marx",
        "sigmund freud",
        "immanuel kant",
        "johann wolfgang von goethe",
        "friedrich schiller",
        "pablo picasso",
        "vincent van gogh",
        "frida kahlo",
        "anne frank",
        "rosa parks",
        "neil armstrong",
        "yuri gagarin",
        "linus torvalds",
        "guido van rossum",
        "dennis ritchie",
        "ken thompson",
        "donald knuth",
        "edsger dijkstra",
        "tim berners-lee",
        "john von neumann",
        "claude shannon",
        "margaret hamilton",
        "katherine johnson",
        "steve jobs",
        "bill gates",
        "robert c. martin",
        "martin fowler",
        "kent beck",
        "harry potter",
        "sherlock holmes",
        "peter pan",
        "robin hood",
        "john lennon",
        "paul mccartney",
    }
)
"""Names that stand for anybody, and names of history."""

_NO_NAME = words(
    """
    inc ltd llc gmbh ag corp co company group test tests testing user users admin server client service name title
    street road city country team project app application api key value field string data file model view table
    column row index list object class function method type error default example sample demo foo bar baz new old
    hello world the and or not for with from your my our this that blue red green black white large small product
    item widget bank university school department office hotel restaurant house home page site system software
    library framework license licence public private open source united states kingdom north south east west san
    francisco york los angeles london berlin paris rome madrid tokyo beijing january february march april may june
    july august september october november december monday tuesday wednesday thursday friday saturday sunday none
    null true false unknown undefined other misc general customer customers patient patients employee employees
    manager director engineer developer analyst nurse doctor support sales marketing engineering finance hr email
    phone address first last full middle given family display customer-name account order orders report read write
    run build create update delete get set add remove click select enter submit cancel close save please note total
    summary status pending active inactive code message description version role section chapter part step basic
    standard premium pro free plan unit price firstname lastname surname forename fullname sürname vorname nachname
    nom prénom nombre login template anonymous internet explorer chrome firefox safari browser mobile functions
    editor viewer builder runner checker parser engine core platform pipeline module package manual guide settings
    options dashboard portal gun toolkit plugin extension control panel authority instance kerberos hotkey holdings
    holding industries partners logistics solutions technologies technology ventures capital consulting enterprises
    brothers labs studio studios media energy motors foods pharma airlines insurance trust foundation institute
    center centre club shop store market supply trading international global digital cloud security services network
    networks operations reliability infrastructure research development production quality assurance human resources
    legal accounting warehouse factory plant station airport hospital clinic museum park bridge river lake mountain
    island bay valley hill beach
    """
)
"""Words that no person is called: a value that holds one is a thing."""

_MARK = r"[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u0900-\u0963\u0970-\u0dff\u0e31-\u0e4e]"
_WORD = re.compile(rf"[^\W\d_](?:[^\W\d_]|['’\-](?=[^\W\d_])|{_MARK})*\.?$|(?:[^\W\d_]\.){{1,4}}$")
_CJK = re.compile(
    r"[\u3400-\u9fff々]{2,4}$|[\u3400-\u9fff々]{1,3}[ \u3000][\u3400-\u9fff々]{1,3}$|[\u30a0-\u30ff・ ]{4,}$"
)
_HANGUL = re.compile(r"[\uac00-\ud7a3]{2,4}$")
_MOST_WORDS = 5


def person(value: str) -> bool:
    """Whether this could be a person's name: two to five words with capitals, or two to four signs of East Asia."""
    words = _words(value)
    if _eastern("".join(value.split()) if len(value) < 8 else value):
        return value.strip() not in _SAMPLES
    named = [each for each in words if each.lower() not in _PARTICLES]
    return 2 <= len(words) <= _MOST_WORDS and len(named) >= 2 and all(map(_is_name, named)) and _nobody_known(words)


def person_strict(value: str) -> bool:
    """Whether one of its words is a given name that many people bear: for places where things are named too."""
    words = [each.lower() for each in re.split(r"[\s\-]+", " ".join(_words(value)))]
    return person(value) and (_eastern(value) or any(each in GIVEN or each in FAR_GIVEN for each in words))


def person_first(value: str) -> bool:
    """The same, and the given name stands where one does: a ship called Queen Mary is no person."""
    first, _, last = value.lower().partition(",")
    parts = (last or first).split()
    return person_strict(value) and (_eastern(value) or bool(parts and parts[0].split("-")[0] in GIVEN))


def surname(value: str) -> bool:
    """Whether this could be one of a person's names alone: a column or a title beside it has said so."""
    words = _words(value)
    if _eastern(value) or _CJK.match(value * 2):
        return True
    named = [each for each in words if each.lower() not in _PARTICLES]
    return 1 <= len(words) <= 4 and bool(named) and all(map(_is_name, named)) and _nobody_known(words)


def given(value: str) -> bool:
    """Whether this is a given name alone that many people bear, and none that every manual uses."""
    return value[:1].isupper() and value.lower() in GIVEN and value.lower() not in _MANUAL


def first_name(value: str) -> bool:
    """Whether this could be the first name of somebody's record, and none that every manual uses."""
    return surname(value) and value.lower() not in _MANUAL


_MANUAL = words(
    """
    alice bob carol john jane joe charlie dave eve max tom harry mark rose grace june april may august will doe
    bloggs mustermann
    """
)


def address(value: str) -> bool:
    """Whether this could be where somebody lives: words and a number, and no address of a machine."""
    digits, letters = sum(each.isdigit() for each in value), sum(each.isalpha() for each in value)
    plain = "@" not in value and "://" not in value and "=" not in value and "0x" not in value.lower()
    return plain and 1 <= digits <= 14 and letters >= 3 and not re.fullmatch(r"[\w.:\-]+", value, re.ASCII)


_STREET_NUMBER = re.compile(
    r"(?:^|[\s,#])\d{1,5}(?:[ \-/]?[A-Za-z]|[\-/]\d{1,4})?(?=$|[\s,.])|[\u3040-\u9fff\uac00-\ud7a3]\s?\d|\d{2,}[-–]\d"
)
_MACHINE = re.compile(
    r"(?i)0x|://|@|\bport\b|[{}=\[\]\\]|\d+\.\d+\.\d+|::|%|\b(?:bytes?|bits?|line|offset|memory|page|index|byte|ms|kb|mb)\b"
)


def postal(value: str) -> bool:
    """Whether a text behind the word address is one of the post: words with a number, and nothing of a machine."""
    words = re.findall(r"[^\W\d_]{2,}", value)
    far = any("\u3040" <= each <= "\u9fff" or "\uac00" <= each <= "\ud7a3" for each in value)
    named = any(each[0].isupper() for each in words)
    return (
        bool(_STREET_NUMBER.search(value))
        and not _MACHINE.search(value)
        and (far or (named and len(words) >= 1 and " " in value))
    )


def _words(value: str) -> list[str]:
    """The words of a name in its order, without titles; “Last, First” counts too."""
    words = value.replace(",", " ", 1).split()
    while words and words[0].lower().rstrip(".") in _TITLES:
        words = words[1:]
    return words


def _is_name(word: str) -> bool:
    """Whether a word is written like a name: a capital first, letters, no word in capitals longer than an initial."""
    if not _WORD.match(word) or word.lower().rstrip(".") in _NO_NAME:
        return False
    if not word[0].isupper():
        return not (word[0].islower() or word.isascii())
    return True


def _nobody_known(words: list[str]) -> bool:
    return " ".join(words).lower() not in _SAMPLES


def _eastern(value: str) -> bool:
    return bool(_CJK.match(value.strip()) or _HANGUL.match(value.strip()))


GIVEN = words(
    """
    james john robert michael william david richard joseph thomas charles christopher daniel matthew anthony mark
    donald steven paul andrew joshua kenneth kevin brian george timothy ronald edward jason jeffrey ryan jacob gary
    nicholas eric jonathan stephen larry justin scott brandon benjamin samuel gregory frank alexander patrick jack
    dennis jerry tyler aaron jose adam nathan henry douglas zachary peter kyle noah ethan jeremy walter christian
    keith roger terry austin sean gerald carl harold dylan arthur lawrence jordan jesse bryan billy bruce gabriel
    joe logan alan juan albert willie elijah wayne randy vincent mason roy ralph bobby russell bradley philip eugene
    liam oliver lucas leo oscar theo harry charlie mary patricia jennifer linda elizabeth barbara susan jessica
    sarah karen lisa nancy betty sandra margaret ashley kimberly emily donna michelle carol amanda melissa deborah
    stephanie rebecca sharon laura cynthia dorothy amy kathleen angela shirley emma brenda pamela nicole anna
    samantha katherine christine debra rachel carolyn janet maria heather diane olivia julie joyce victoria ruth
    virginia lauren kelly christina joan evelyn judith andrea hannah megan cheryl jacqueline martha madison teresa
    gloria sara janice ann kathryn abigail sophia sofia frances jean alice judy isabella julia grace amber denise
    danielle marilyn beverly charlotte natalie theresa diana brittany doris kayla alexis lori marie chloe mia ava
    lily ella zoe lucy jane claire hans klaus jürgen juergen günter guenter werner wolfgang manfred heinz helmut
    gerhard dieter horst uwe bernd karl kurt fritz otto stefan andreas markus matthias sven jens lars torsten
    thorsten jan tim felix jonas lukas maximilian max leon finn moritz sebastian tobias florian fabian philipp
    dominik ursula ingrid helga renate monika sabine petra gisela brigitte karin heike susanne birgit claudia silke
    anja katrin kathrin lena lea johanna katharina franziska greta heidi ilse elke jutta pierre michel andré andre
    philippe alain jacques bernard françois francois christophe laurent olivier julien nicolas antoine guillaume
    mathieu matthieu thierry pascal hervé herve gilles yves rené rene luc louis hugo théo lucie camille manon léa
    chloé isabelle sylvie catherine nathalie valérie valerie sandrine céline celine aurélie aurelie élodie elodie
    amélie amelie juliette marion pauline margaux hélène helene monique françoise geneviève josé antonio manuel
    francisco javier carlos jesús jesus luis miguel ángel angel rafael pedro pablo sergio fernando jorge alberto
    álvaro alvaro diego adrián adrian raúl raul rubén ruben iván enrique ramón ramon vicente andrés andres joaquín
    santiago eduardo ricardo roberto mateo carmen josefa isabel ana dolores pilar cristina lucía lucia marta elena
    paula raquel manuela mercedes rosario beatriz rocío rocio silvia irene nuria inés ines sofía maría mariana
    valentina camila gabriela daniela lorena alejandro alejandra ignacio gonzalo guadalupe joão joao tiago rui paulo
    luís bruno fernanda juliana marcos rodrigo thiago felipe gustavo leonardo vitor larissa letícia aline renata
    márcia giuseppe giovanni mario luigi francesco angelo vincenzo pietro salvatore carlo franco domenico paolo
    michele giorgio aldo luciano marco alessandro matteo lorenzo luca davide simone federico riccardo stefano giulia
    francesca chiara alessia martina giorgia elisa federica paola rosa giovanna caterina rita piotr krzysztof
    andrzej tomasz paweł pawel michał michal marcin jakub łukasz lukasz stanisław marek grzegorz wojciech mateusz
    dariusz zbigniew jerzy katarzyna małgorzata malgorzata agnieszka krystyna ewa elżbieta zofia magdalena joanna
    aleksandra dorota beata kinga natalia zuzanna jiří jiri petr pavel jaroslav martin tomáš tomas miroslav
    františek zdeněk václav vaclav ondřej ondrej karel milan jana eva hana lenka kateřina katerina věra alena
    markéta tereza veronika zdeňka willem pieter cornelis hendrik johannes jeroen maarten bram daan sander joost
    wouter sanne anouk femke lotte marieke saskia astrid erik anders johan nils magnus mikael fredrik henrik olle
    björn bjorn gunnar lennart kristina birgitta elin linnea maja freja ole søren soren mette lise kirsten rasmus
    knut kari mikko juhani matti pekka antti aino helmi liisa tuula jukka timo ivan dmitri dmitry sergei sergey
    alexei alexey aleksei nikolai vladimir mikhail andrei yuri boris igor oleg viktor anton maxim olga tatiana irina
    svetlana ekaterina anastasia ludmila galina yulia nadia oksana olena oleksandr taras mykola volodymyr иван
    дмитрий сергей алексей николай владимир михаил андрей юрий борис игорь олег виктор павел антон максим александр
    ольга татьяна наталья ирина елена светлана екатерина анастасия людмила галина юлия мария анна mehmet mustafa
    ahmet ali hüseyin huseyin hasan ibrahim ismail osman murat emre burak can cem kemal fatma ayşe ayse emine hatice
    zeynep elif meryem özlem ozlem selin deniz mohammed muhammad mohamed ahmed mahmoud omar hassan hussein khaled
    youssef yusuf abdullah tariq karim samir nasser fatima aisha khadija layla leila mariam noor zainab amina salma
    yasmin rania wei li ming jun hao chen lei xin jing yan ying mei hui fang xiao yu hong lin min hiroshi takashi
    kenji yuki haruto sota daiki satoshi akira yuto sakura yui aoi keiko akiko naoko tomoko minjun jihoon seojun
    minho jiwoo seoyeon jisoo hyun soo raj rahul amit sanjay vijay arjun rohan ravi suresh ramesh anil sunil ajay
    vikram aditya krishna deepak manoj priya anita sunita anjali pooja neha kavita lakshmi sita divya meera shreya
    nisha asha kiran arun nguyen minh anh tuan hung linh huong trang thanh hoa siti putri budi agus dewi rina andi
    kwame kofi ama abena chinedu emeka ngozi chioma amara tunde oluwaseun adebayo thabo sipho nomsa zanele wanjiru
    kamau njoroge achieng fatou moussa aminata ousmane awa nikos giorgos yannis dimitris eleni ioannis vasilis moshe
    yosef avi noam yael noa tamar rivka tamás zoltán lászló istván gábor ferenc attila péter katalin ilona éva
    zsuzsanna erzsébet ágnes ion gheorghe mihai alexandru ioana cristian florin georgi dimitar ivana marko nikola
    luka jelena milica dragan goran zoran siobhan aoife niamh ciaran eoin padraig declan rhys gareth owen bronwyn
    angus hamish fiona isla thandiwe lindiwe bongani nandi sizwe themba lerato kagiso tebogo naledi mpho palesa
    tumelo refilwe ayanda zola busisiwe nokuthula kwabena kwaku yaa akosua adwoa efua abla kojo afia adjoa obinna
    ikenna nneka adaeze chukwuma uche nkechi ifeoma obioma folake yetunde babatunde olumide segun funmilayo temitope
    kehinde taiwo halima musa sani garba abdul rahman khalid faisal salman nadir imran bilal usman hamza zaid zayd
    rashid saeed jamal jamila farah fatemeh zahra mahsa shirin parisa arash darius kaveh leyla mohsen reza hossein
    mehdi maryam narges nasrin soraya farhad babak behrouz siamak tarek walid ziad rami bassam hisham nabil amr
    sherif magdy heba dina rasha yara lina maya souad samira nawal malika naima latifa rachid hicham youssra imane
    amira nour sami anis slim moncef habib ravindra sandeep rajesh mukesh rakesh dinesh mahesh naveen praveen
    srinivas venkat lakshman gopal mohan ashok vinod pankaj gaurav abhishek ankit nikhil siddharth varun karthik
    harish girish prakash subramanian swati shweta pallavi deepika aishwarya ananya ishita tanvi rashmi sneha vidya
    radha meena geeta usha rekha shanti savita padma sarita madhuri harpreet gurpreet manpreet jaspreet amrit simran
    ranjit baljit phuong thuy ngoc hanh quang khanh trung vinh tien somchai somsak niran anong malee arthit kanya
    ploy wayan ketut nyoman bayu eko wahyu fitri ratna indah lestari nurul aisyah hafiz faiz azman zainal rosli
    nurhaliza joselito rodel jomar maricel rowena jhunior xiaoming xiaohong zhiwei jiahui yifan yuxuan zihan haoran
    wenjie junjie xiuying guiying jianguo weiwei tingting lili lihua meiling daisuke kenta ryota shota yusuke naoki
    kazuki tatsuya masashi noboru ichiro jiro saburo hanako misaki ayumi nanami mayumi tomomi yoko noriko sachiko
    michiko kazuko yumi hina jiyoung minji soyeon yuna eunji hyejin jungkook taehyung jisung donghyun seunghoon
    kyungsoo sangmin youngho ngaio aroha wiremu hemi tane moana sione tevita mele zbyszek kazimierz bogdan bogusław
    czesław henryk jacek jarosław kamil karol leszek maciej mieczysław mirosław radosław rafał ryszard sławomir
    szymon waldemar wiesław witold władysław zdzisław alicja bożena celina danuta edyta emilia felicja grażyna
    halina hanna irena iwona izabela jadwiga janina jolanta justyna kamila karolina klara lucyna marzena mirosława
    nina patrycja paulina sylwia urszula wanda weronika wiesława bohumil bořivoj ctibor dušan jaromír kryštof
    ladislav libor lubomír luboš matěj oldřich otakar pavla radek radim rostislav rudolf stanislav štěpán štefan
    vladimír vlastimil vojtěch zbyněk alžběta barbora blanka božena dana dagmar helena iveta jarmila jiřina kristýna
    libuše marcela michaela milada naděžda pavlína radka růžena soňa šárka vendula vlasta zuzana balázs bence dávid
    dániel gergely györgy imre józsef kálmán krisztián mátyás miklós richárd sándor szabolcs tibor zsolt anikó
    bernadett emese enikő eszter judit klára krisztina mária márta mónika nikolett orsolya réka szilvia tímea călin
    ciprian constantin corneliu cosmin costin cătălin doru dragoș dumitru eugen eusebiu horia iulian laurențiu liviu
    lucian marius mircea nicolae octavian ovidiu petru răzvan sorin ștefan tiberiu traian valentin vasile victor
    viorel adina alina ana-maria anca andreea camelia corina crina delia doina florina ileana iulia lavinia liliana
    loredana luminița mădălina mihaela mirela monica nicoleta oana raluca ramona roxana ruxandra sanda simona sorina
    aleksandar bojan branislav darko dejan filip ivica jovan ljubomir miloš mirko mladen nebojša nemanja nenad
    predrag saša slobodan srđan stjepan tomislav vladan željko zlatko biljana bojana danijela dragana dubravka jasna
    jovana katarina ljiljana marija marina mirjana nataša nevena olivera radmila sanja slavica slađana snežana sonja
    tamara tatjana vesna željka zorica aarne aleksi arto eero eetu elias erkki esa hannu harri heikki ilkka jaakko
    jani jari jarmo kalle kimmo lauri markku mika niko olli onni pasi petri risto santeri seppo tapio teemu tommi
    tuomas veikko ville aada aija anneli annika anu eeva eija elina heli hilkka inka jaana kaisa katja katri kirsi
    leena maarit maija marja marjatta merja minna mirja niina outi päivi pirjo pirkko raija riikka riitta ritva
    saara sanna satu sirpa susanna taina tanja tarja tiina ulla virpi åsa åke göran jörgen mårten pär pontus ragnar
    rolf sixten stellan torbjörn ulf viggo ebba elsa gunilla gunnel hedvig ingeborg inger ingegerd kerstin lisbeth
    lovisa margareta marianne märta pernilla sigrid solveig tove tuva ulrika ylva aksel arne asbjørn bjarne eirik
    eivind erlend espen frode geir håkon håvard henning jostein ketil kjell kjetil magne olav oddvar pål roar sigurd
    sindre sondre steinar svein terje tore torstein trond vegard anne-lise astri aud bente berit bodil dagny
    eldbjørg grete guri hege hilde ingvild kjersti marit ragnhild randi ranveig reidun siri solfrid sølvi synnøve
    torill trine turid unni vibeke bjarni guðmundur sigurður jón ólafur þór guðrún sigríður kristín björk aleksandr
    anatoly arkady artem artyom denis evgeny fyodor gennady georgy grigory ilya kirill konstantin leonid maksim
    matvey nikita pyotr ruslan semyon timofey timur vadim valery vasily vitaly vladislav vyacheslav yaroslav yegor
    yevgeny alla antonina daria inna kira klavdia ksenia larisa lyubov lyudmila margarita nadezhda polina raisa yana
    yelena zinaida zoya анатолий аркадий артём артем валентин валерий василий вадим виталий владислав вячеслав
    геннадий георгий григорий денис евгений егор илья кирилл константин леонид матвей никита петр пётр роман руслан
    семён станислав тимофей фёдор ярослав алина алла антонина валентина варвара вера вероника дарья елизавета
    зинаида зоя инна ксения лариса лидия любовь маргарита марина надежда нина оксана полина раиса софья тамара яна
    олена тарас остап богдан ярина соломія дмитро андрій сергій володимир achim adalbert albrecht alois armin arnold
    axel bastian benedikt benno bertold burkhard christoph clemens detlef dietmar dietrich eberhard eckhard edgar
    egon erich ernst erwin ewald ferdinand franz friedhelm friedrich georg gero gottfried günther gustav hannes
    harald hartmut heiko heiner herbert hermann holger hubert ingo jakob jannik jochen joachim johann jörg jörn
    josef julian justus karsten kilian klemens konrad lothar ludwig malte marcel mathis meinhard nico niklas olaf
    ortwin oswin raimund rainer ralf reiner reinhard reinhold roland rudi rüdiger siegfried steffen theodor thilo
    torben ulrich volker volkmar wilhelm willi winfried wilfried agnes alexandra angelika anke anneliese annette
    antje bärbel beate bettina bianca birte britta carina carla christa christiane clara cornelia dörte dorothea
    edith elfriede elisabeth ellen erika esther finja frauke frieda friederike gabriele gerda gerlinde gertrud
    gudrun hannelore hedwig henrike herta hildegard inga inge irmgard isabell josefine karla karola kristin lara
    leonie lieselotte liselotte luisa luise lydia maike mara margarete margit margot marlene marlies mathilda meike
    melanie mila mira miriam nadine natascha nele nora rebekka regina rosemarie roswitha selina sibylle sina sophie
    stefanie svenja sybille tina traudl vanessa verena viktoria waltraud wiebke wilhelmine yvonne
    """
)
"""Given names that many people bear, in some thirty languages."""
